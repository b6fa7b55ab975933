"""An operator's command after a restore: read every payment since the backup again, then take payments again."""

from datetime import datetime

import click
from sqlalchemy import Engine, select

from portal.agencies.keys import restored_from, stored_keys
from portal.agencies.models import Agency
from portal.cli.deployment import deployment, operator
from portal.core import clock
from portal.core.tenancy import reading, reading_global
from portal.integrations.stripe.processor import open_processor
from portal.payments.after_restore import read_again
from portal.payments.gateway import GatewayError
from portal.payments.till import Till
from portal.settings import Settings, load_settings


@click.command("after-restore")
def after_restore_command() -> None:
    """Read every payment since the backup again, agency by agency; each takes payments again once that is done."""
    settings = load_settings()
    is_whole = True
    with deployment() as engine:
        with reading_global(engine) as session:
            agencies = session.scalars(select(Agency).order_by(Agency.slug)).all()
        for agency in agencies:
            with reading(engine, agency.id) as scoped:
                backup_at = restored_from(scoped)
            if backup_at is not None:
                is_whole = _read_again(engine, settings, agency, backup_at) and is_whole
            else:
                click.echo(f"{agency.slug}: nothing to read again.")
    if not is_whole:
        raise SystemExit(1)


def _read_again(engine: Engine, settings: Settings, agency: Agency, backup_at: datetime) -> bool:
    """Whether all of an agency's payments are read; says what came of it."""
    box = settings.box
    with reading(engine, agency.id) as session:
        keys = stored_keys(session, box)
    assert keys is not None  # the account that says it was restored has keys
    gateway = open_processor(
        settings.stripe_sandbox_url, settings.processor_timeout_seconds, settings.processor_calls_per_second
    ).gateway(keys)
    till = Till(engine, agency.id, keys.account, gateway, agency.time_zone, clock.now)
    try:
        done = read_again(till, backup_at, operator())
    except GatewayError as error:
        click.echo(f"{agency.slug}: the processor could not be asked ({type(error).__name__}). It stays closed; again:")
        click.echo("  flask after-restore")
        return False
    except ExceptionGroup as errors:
        _say_open(agency, errors)
        return False
    counts = ", ".join(f"{number} {what}" for what, number in sorted(done.items()) if number) or "none"
    click.echo(f"{agency.slug}: payments since {backup_at:%Y-%m-%d %H:%M} UTC: {counts}. It takes payments again.")
    return True


def _say_open(agency: Agency, errors: ExceptionGroup[Exception]) -> None:
    """What is not in the books yet: what the processor could not be asked about, and what could not be written."""
    unasked, wrong = errors.split(GatewayError)
    if unasked is not None:
        kinds = ", ".join(sorted({type(each).__name__ for each in unasked.exceptions}))
        some = f"{len(unasked.exceptions)} of the refunds and disputes"
        click.echo(f"{agency.slug}: the processor could not be asked about {some} ({kinds}).")
    for each in () if wrong is None else wrong.exceptions:
        click.echo(f"{agency.slug}: a refund or dispute is not in the books: {type(each).__name__}: {each}")
    click.echo(f"{agency.slug}: all others are in the books. It stays closed; again, and report what stays the same:")
    click.echo("  flask after-restore")
