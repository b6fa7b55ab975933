"""An operator's commands about the staff of an agency."""

import click
from sqlalchemy import select

from portal.access.managing_staff import reset_factors
from portal.agencies.found import ROLES, Role, add_staff
from portal.agencies.models import StaffMember
from portal.cli.deployment import deployment, find_agency, operator
from portal.core import clock
from portal.core.email_address import parse_email
from portal.core.errors import NotFound
from portal.core.tenancy import writing
from portal.core.text import text


@click.command("add-staff")
@click.argument("slug")
@click.argument("email")
@click.option("--name", prompt=True)
@click.option("--role", type=click.Choice(ROLES), default="support", show_default=True)
def add_staff_command(slug: str, email: str, name: str, role: Role) -> None:
    """Let EMAIL work for the agency SLUG."""
    with deployment() as engine:
        agency = find_agency(engine, slug)
        with writing(engine, agency.id) as session:
            member = add_staff(session, email, name, role, operator(), clock.now())
    click.echo(f"{member.email} works for {agency.name} as {role}.")


@click.command("reset-second-factor")
@click.argument("slug")
@click.argument("email")
def reset_second_factor_command(slug: str, email: str) -> None:
    """For the only admin of the agency SLUG who has lost device and recovery codes: EMAIL sets up a new second step."""
    with deployment() as engine:
        agency = find_agency(engine, slug)
        address = parse_email(email)
        with writing(engine, agency.id) as session:
            staff_id = session.scalar(select(StaffMember.id).where(StaffMember.email == address))
            if staff_id is None:
                raise NotFound(text("%(email)s is not on the staff.", email=address))
            reset_factors(session, staff_id, operator(), clock.now())
    click.echo(f"{address} is signed out, is told by mail, and sets up a new second step at the next sign-in.")
