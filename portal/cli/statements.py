"""`flask statements`: draw the statements of partners by hand."""

from datetime import date, datetime

import click
from rich.progress import Progress
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.cli.deployment import deployment
from portal.core import clock
from portal.core.tenancy import reading, reading_global
from portal.jobs.draw_statements import draw_month
from portal.statements.drawing import to_draw
from portal.statements.months import month_of, next_month


def _first_of(_context: click.Context, _parameter: click.Parameter, typed: datetime) -> date:
    return typed.date()


@click.command("statements")
@click.option("--agency", "slug", required=True, help="short name of the agency")
@click.option("--month", type=click.DateTime(["%Y-%m"]), required=True, callback=_first_of, help="like 2026-10")
def statements_command(slug: str, month: date) -> None:
    """Draw the statements of a month that is over, of partners who have none yet. Nobody is mailed."""
    with deployment() as engine:
        with reading_global(engine) as unscoped:
            agency = unscoped.scalars(select(Agency).where(Agency.slug == slug)).one_or_none()
        if agency is None:
            raise click.ClickException(f"There is no agency {slug}.")
        if clock.local_date(clock.now(), agency.time_zone) < next_month(month):
            raise click.ClickException(f"{month:%Y-%m} is not over yet.")
        with reading(engine, agency.id) as session:
            waiting = len(to_draw(session, month_of(month, agency.time_zone)))
        with Progress() as bar:
            task = bar.add_task("Statements", total=waiting)
            made = draw_month(
                engine,
                agency.id,
                month,
                agency.time_zone,
                clock.now,
                mails=False,
                progress=lambda count: bar.advance(task, count),
            )
        click.echo(f"{made} statements of {waiting} partners.")
