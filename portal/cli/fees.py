"""An operator's command: what paying costs at an agency, and who bears it."""

import click

from portal.agencies.fee_settings import Fees, parse_percent, set_fees
from portal.agencies.models import Agency
from portal.cli.deployment import deployment, find_agency, operator
from portal.core import clock
from portal.core.audit import record
from portal.core.money import format_money, parse_money
from portal.core.tenancy import writing, writing_global
from portal.payments.fees import fee_terms
from portal.reference.state_rules import fee_rule

_EXAMPLE_CENTS = 1_000_00


@click.command("set-fees")
@click.argument("slug")
@click.option("--pass-on/--absorb", "is_passed_on", default=False, help="Who bears them: the payer, or the agency.")
@click.option("--card-percent", default="0", show_default=True, help="Of the amount, on credit cards, like 2.9.")
@click.option("--card-fixed", default="0", show_default=True, help="Dollars on top of that, like 0.30.")
@click.option("--bank", default="0", show_default=True, help="Dollars for each bank debit, like 5.00.")
def set_fees_command(slug: str, is_passed_on: bool, card_percent: str, card_fixed: str, bank: str) -> None:
    """Set what paying costs at the agency SLUG. Never on debit or prepaid cards, nor where a state forbids it."""
    with deployment() as engine:
        agency = find_agency(engine, slug)
        fees = Fees(is_passed_on, parse_percent(card_percent), parse_money(card_fixed), parse_money(bank))
        with writing_global(engine) as session:
            set_fees(session, agency.id, fees)
        with writing(engine, agency.id) as scoped:
            record(
                scoped,
                operator(),
                "fees.set",
                "agency",
                agency.id,
                clock.now(),
                is_passed_on=fees.is_passed_on,
                card_basis_points=fees.card_basis_points,
                card_fixed_cents=fees.card_fixed_cents,
                bank_cents=fees.bank_cents,
            )
        click.echo(_said(find_agency(engine, slug)))


def _said(agency: Agency) -> str:
    """What follows, with an example; and why nothing is charged, where that is so."""
    if not agency.fee_is_passed_on:
        return f"{agency.name} bears the cost itself: payers see no fee."
    rule = fee_rule(agency.state)
    if not rule.is_allowed:
        return f"Stored, but payers of {agency.name} are charged no fee: {rule.reason}"
    fee = fee_terms(agency, [agency.state]).card_cents(_EXAMPLE_CENTS)
    return (
        f"Payers of {agency.name} pay the fee: {format_money(fee)} on {format_money(_EXAMPLE_CENTS)} by credit card, "
        f"{format_money(agency.bank_fee_cents)} by bank debit; nothing by debit or prepaid card, and nothing where "
        f"the insured's state does not allow it."
    )
