"""State caps in dollars of a schedule."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.financing.apr import Repayment, annual_rate, percent
from portal.financing.caps import is_within, most_charge
from portal.financing.schedule import Price, Schedule, Terms, make_schedule
from portal.reference.finance_rules import AddOn, Annual, Tier, TieredMonthly, finance_rule
from tests.financing.vectors import cents, vectors


def loan(financed_cents: int, installments: int, rate: str = "0.129") -> tuple[Schedule, Terms]:
    """A schedule over an amount, without a down payment, and its terms."""
    terms = Terms(Decimal(0), Decimal(rate), installments)
    return make_schedule(Price(financed_cents), terms, date(2026, 1, 1)), terms


@pytest.mark.parametrize("vector", vectors("max_service_charge_addon"), ids=lambda vector: vector["id"])
def test_the_worked_examples(vector: dict[str, Any]) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    state = vector["id"].split("-")[1]
    cap = finance_rule(state).cap
    assert cap == AddOn(
        kind="add_on", per_100_per_year=Decimal(inputs["per_100_per_year"]), flat=Decimal(inputs["additional"])
    )
    assert cap is not None
    principal, months = cents(inputs["principal_balance"]), inputs["months"]
    most = most_charge(cap, *loan(principal, months))
    assert most == cents(expected["max_service_charge"])
    level = cents(expected["level_payment"])
    assert level == round((principal + most) / Decimal(months))
    rate = annual_rate(principal, [Repayment(level, number) for number in range(1, months + 1)], 12)
    assert percent(rate) == Decimal(str(expected["implied_apr"]))


def test_a_rate_counts_on_what_is_unpaid() -> None:
    schedule, terms = loan(9_000_00, 9, "0.15")
    cap = Annual(kind="annual", percent=Decimal(15), flat=Decimal("10.00"))
    # The schedule rounds each period's interest to the nearest cent, the cap drops parts of one.
    assert (
        schedule.finance_charge_cents - 9 <= most_charge(cap, schedule, terms) - 10_00 <= schedule.finance_charge_cents
    )


def test_parts_of_the_balance_have_their_own_rates() -> None:
    cap = TieredMonthly(
        kind="tiered_monthly", tiers=(Tier(to=Decimal("1000.00"), percent=Decimal(2)), Tier(percent=Decimal(1)))
    )
    schedule, terms = loan(1_500_00, 1, "0.10")
    assert most_charge(cap, schedule, terms) == 20_00 + 5_00
    quarterly = Terms(Decimal(0), Decimal("0.10"), 1, 3)
    assert most_charge(cap, make_schedule(Price(900_00), quarterly, date(2026, 1, 1)), quarterly) == 3 * 18_00


@pytest.mark.parametrize(("rate", "is_allowed"), [("0.129", True), ("0.245", True), ("0.26", False)])
def test_in_new_york(rate: str, is_allowed: bool) -> None:
    cap = finance_rule("NY").cap
    assert cap is not None
    assert is_within(cap, *loan(9_000_00, 9, rate)) is is_allowed
