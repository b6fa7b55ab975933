"""`flask verify-ledger`: every invariant of the books, agency by agency."""

import click
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.cli.deployment import deployment
from portal.core.invariants import check
from portal.core.tenancy import reading, reading_global
from portal.financing.invariants import INVARIANTS as FINANCING
from portal.financing.late.invariants import INVARIANTS as LATE
from portal.invoices.invariants import INVARIANTS as INVOICES
from portal.ledger.invariants import INVARIANTS as LEDGER
from portal.notices.invariants import INVARIANTS as NOTICES
from portal.payments.autopay.invariants import INVARIANTS as AUTOPAY
from portal.payments.balance_invariants import INVARIANTS as BALANCE
from portal.payments.invariants import INVARIANTS as PAYMENTS
from portal.payments.money_back.invariants import INVARIANTS as MONEY_BACK
from portal.policy_system.invariants import INVARIANTS as POLICY_SYSTEM
from portal.programs.return_invariants import INVARIANTS as RETURNS
from portal.statements.invariants import INVARIANTS as STATEMENTS

ALL = [
    *LEDGER,
    *INVOICES,
    *PAYMENTS,
    *AUTOPAY,
    *MONEY_BACK,
    *BALANCE,
    *FINANCING,
    *LATE,
    *RETURNS,
    *STATEMENTS,
    *NOTICES,
    *POLICY_SYSTEM,
]


@click.command("verify-ledger")
def verify_ledger_command() -> None:
    """Check that the books of every agency hold; ends with status 1 and says where they do not."""
    broken = False
    with deployment() as engine:
        with reading_global(engine) as unscoped:
            agencies = unscoped.scalars(select(Agency).order_by(Agency.slug)).all()
        if not agencies:
            click.echo("There are no agencies yet.")
        for agency in agencies:
            with reading(engine, agency.id) as session:
                found = check(session, ALL)
            for name, rows in found:
                click.echo(f"{agency.slug}: not so: {name}")
                for row in rows:
                    click.echo(f"  {', '.join(str(value) for value in row)}")
            if not found:
                click.echo(f"{agency.slug}: {len(ALL)} rules hold.")
            broken = broken or bool(found)
    if broken:
        raise SystemExit(1)
