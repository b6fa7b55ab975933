"""What the example beside the terms says: each plan with its figures, the limit, and what stands against it."""

from datetime import date
from decimal import Decimal

from portal.financing.example import a_policy, try_plans
from portal.financing.offers import Lending, Plan
from portal.reference.finance_rules import finance_rule

TODAY = date(2026, 3, 1)
LENDING = Lending(Decimal("0.25"), Decimal("0.129"), (Plan(9), Plan(3, 3)))


def test_each_plan_stands_beside_what_the_state_allows() -> None:
    nine, quarterly = try_plans(12_000_00, LENDING, finance_rule("NY"), TODAY)
    assert nine.schedule is not None
    assert nine.schedule.amount_financed_cents == 9_000_00
    assert (nine.reasons, nine.most_charge_cents) == ((), 955_00)  # $14 × 90 × 9/12 + $10
    assert nine.schedule.finance_charge_cents <= 955_00
    assert quarterly.schedule is not None
    assert (quarterly.reasons, quarterly.down_payment_rate) == ((), Decimal("0.41"))
    assert (nine.down_payment_rate, quarterly.schedule.down_payment_cents) == (Decimal("0.25"), 4_920_00)


def test_above_the_limit_says_so_and_keeps_its_figures() -> None:
    dear = Lending(Decimal("0.25"), Decimal("0.36"), (Plan(9),))
    [nine] = try_plans(12_000_00, dear, finance_rule("NY"), TODAY)
    assert [str(reason) for reason in nine.reasons] == ["The interest would be above what the state allows."]
    assert nine.schedule is not None
    assert nine.most_charge_cents is not None
    assert nine.schedule.finance_charge_cents > nine.most_charge_cents


def test_where_nothing_is_known_nothing_is_offered() -> None:
    for one in try_plans(12_000_00, LENDING, finance_rule("NV"), TODAY):
        assert one.most_charge_cents is None
        assert [str(reason) for reason in one.reasons] == ["We have no rule about premium finance for “NV”."]


def test_too_little_is_named() -> None:
    [nine] = try_plans(3, Lending(Decimal("0.25"), Decimal("0.129"), (Plan(9),)), finance_rule("NY"), TODAY)
    assert nine.schedule is None
    assert "below $250.00" in str(nine.reasons[0])


def test_the_policy_runs_for_a_year() -> None:
    assert a_policy(1, date(2024, 2, 29)).expiration_date == date(2025, 2, 28)
