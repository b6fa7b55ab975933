"""What can be financed, on which plans, and the reasons against it."""

from dataclasses import astuple, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.financing.eligibility import Applicant, FinancedPolicy, price_of, reasons_against
from portal.financing.exposure import Cover, exposures
from portal.financing.offers import MOST_DOWN, Lending, Offers, Plan, make_offers, write_plan
from portal.financing.schedule import COUNTS, Terms, add_months, make_schedule
from portal.reference.finance_rules import finance_rule

TODAY = date(2026, 3, 1)
MARIA = Applicant("business", "NY", "Maria", "Lopez")
POLICY = FinancedPolicy("GL-1", "CGL", date(2026, 3, 1), date(2027, 3, 1), 12_000_00, 600_00, 250_00, Decimal("0.1"))
EVERY = tuple(Plan(count, spacing) for spacing, counts in COUNTS.items() for count in counts)
LENDING = Lending(Decimal("0.25"), Decimal("0.129"), EVERY)


def offers(*policies: FinancedPolicy, applicant: Applicant = MARIA, lending: Lending = LENDING) -> Offers:
    """What a program of these policies gets."""
    return make_offers(applicant, policies or (POLICY,), lending, finance_rule(applicant.state), TODAY)


def said(found: Offers) -> list[str]:
    """The reasons, as they are read."""
    assert not found.offers
    return [str(reason) for reason in found.reasons]


def test_every_plan_that_is_covered_is_worked_out() -> None:
    found = offers()
    assert found.reasons == ()
    assert [one.plan for one in found.offers] == ["10x1", "9x1", "6x1", "3x3", "1x6"]
    nine = found.offers[1].schedule
    assert (nine.down_payment_cents, nine.amount_financed_cents) == (3_400_00, 9_450_00)


def is_covered(terms: Terms) -> bool:
    """Whatever is missed, the policy gives back what is owed."""
    schedule = make_schedule(price_of([POLICY]), terms, POLICY.effective_date)
    cover = Cover(POLICY.premium_cents, POLICY.minimum_earned_rate, POLICY.effective_date, POLICY.expiration_date)
    return all(one.is_covered for one in exposures(schedule, [cover], LENDING.grace_days, LENDING.notice_days))


def test_installments_far_apart_raise_the_down_payment_to_what_is_covered() -> None:
    rates = {one.plan: one.terms.down_payment_rate for one in offers().offers}
    assert {rates[plan] for plan in ("10x1", "9x1", "6x1")} == {Decimal("0.25")}
    assert (rates["3x3"], rates["1x6"]) == (Decimal("0.44"), Decimal("0.57"))
    for plan in (Plan(3, 3), Plan(1, 6)):
        terms = Terms(rates[write_plan(plan.installments, plan.months_between)], LENDING.note_rate, *astuple(plan))
        assert is_covered(terms)
        assert not is_covered(replace(terms, down_payment_rate=terms.down_payment_rate - Decimal("0.01")))
    generous = offers(lending=replace(LENDING, down_payment_rate=Decimal("0.60")))
    assert {one.terms.down_payment_rate for one in generous.offers} == {Decimal("0.60")}


def test_a_year_ends_well_after_the_last_installment() -> None:
    last = {one.plan: one.schedule.installments[-1].due_date for one in offers().offers}
    assert (last["3x3"], last["1x6"]) == (date(2026, 12, 1), date(2026, 9, 1))


@given(
    st.integers(250_00, 900_000_00),
    st.integers(0, 90_000_00),
    st.integers(5, 90),
    st.integers(0, 80),
    st.integers(8, 12),
)
def test_what_is_offered_is_covered_whichever_installment_is_missed(
    premium: int, taxes: int, down: int, earned: int, months: int
) -> None:
    policy = replace(
        POLICY,
        premium_cents=premium,
        taxes_cents=min(taxes, premium),
        minimum_earned_rate=Decimal(earned) / 100,
        expiration_date=add_months(POLICY.effective_date, months),
    )
    lending = replace(LENDING, down_payment_rate=Decimal(down) / 100)
    for one in offers(policy, lending=lending).offers:
        assert lending.down_payment_rate <= one.terms.down_payment_rate <= MOST_DOWN
        cover = Cover(premium, policy.minimum_earned_rate, policy.effective_date, policy.expiration_date)
        assert all(
            step.is_covered for step in exposures(one.schedule, [cover], lending.grace_days, lending.notice_days)
        )


def test_a_down_payment_that_would_have_to_be_nearly_all_is_no_offer() -> None:
    early = replace(POLICY, minimum_earned_rate=Decimal("0.95"))
    for plan in (Plan(3, 3), Plan(1, 6)):
        assert said(offers(early, lending=replace(LENDING, plans=(plan,))))[0].startswith("The down payment is too low")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"effective_date": date(2026, 1, 9)}, "Policy GL-1 began more than 50 days ago, on 2026-01-09."),
        ({"expiration_date": date(2026, 8, 31)}, "Policy GL-1 does not run for 6 to 12 months."),
        ({"expiration_date": date(2027, 3, 2)}, "Policy GL-1 does not run for 6 to 12 months."),
        ({"premium_cents": 249_99}, "The premium of policy GL-1 is below $250.00."),
        ({"minimum_earned_rate": Decimal(1)}, "The premium of policy GL-1 is fully earned from the first day."),
        ({"coverage_code": "FLOOD"}, "Policy GL-1 covers flood, wind or builder's risk."),
        ({"coverage_code": "WIND"}, "Policy GL-1 covers flood, wind or builder's risk."),
        ({"coverage_code": "BLDRK"}, "Policy GL-1 covers flood, wind or builder's risk."),
    ],
)
def test_one_policy_blocks_the_program(change: dict[str, Any], words: str) -> None:
    assert words in said(offers(replace(POLICY, policy_number="GL-2"), replace(POLICY, **change)))


@pytest.mark.parametrize(
    "change",
    [
        {"effective_date": date(2026, 1, 10), "expiration_date": date(2027, 1, 10)},
        {"expiration_date": date(2026, 9, 1)},
        {"premium_cents": 250_00, "minimum_earned_rate": Decimal(0)},
        {"minimum_earned_rate": Decimal("0.99")},
    ],
)
def test_on_the_edge_nothing_is_said_against_it(change: dict[str, Any]) -> None:
    assert reasons_against(MARIA, [replace(POLICY, **change)], TODAY) == []


def test_a_business_needs_somebody_who_signs() -> None:
    words = ["The business has no contact with a first and a last name yet, who could sign."]
    assert said(offers(applicant=replace(MARIA, contact_last_name=""))) == words
    assert said(offers(applicant=replace(MARIA, contact_first_name=""))) == words
    person = Applicant("person", "NY", "", "")
    assert offers(applicant=person).offers


def test_every_reason_is_said_at_once() -> None:
    bad = replace(POLICY, coverage_code="FLOOD", premium_cents=1)
    assert len(said(offers(bad, applicant=replace(MARIA, state="TX", contact_last_name="")))) == 4


def test_without_a_rule_of_the_state_nothing_is_offered() -> None:
    assert said(offers(applicant=replace(MARIA, state="TX"))) == [
        "The rule of TX about premium finance is not verified."
    ]


def test_interest_above_the_limit_is_not_offered() -> None:
    dear = replace(LENDING, note_rate=Decimal("0.30"), plans=(Plan(9),))
    assert said(offers(lending=dear)) == ["The interest would be above what the state allows."]


def test_what_is_earned_early_needs_a_higher_down_payment() -> None:
    early = replace(POLICY, minimum_earned_rate=Decimal("0.35"))
    found = offers(early, lending=replace(LENDING, plans=(Plan(9),)))
    assert said(found)[0].startswith("The down payment is too low")
    assert offers(early, lending=replace(LENDING, down_payment_rate=Decimal("0.40"), plans=(Plan(9),))).offers


def test_a_plan_ends_before_the_policies_do() -> None:
    short = replace(POLICY, expiration_date=date(2026, 9, 1), minimum_earned_rate=Decimal(0))
    assert said(offers(short, lending=replace(LENDING, plans=(Plan(6),)))) == [
        "The last installment would be due after a policy has expired."
    ]


def test_an_agency_without_plans_says_so() -> None:
    assert said(offers(lending=replace(LENDING, plans=()))) == ["The agency offers no plan of installments."]


def test_a_program_without_policies() -> None:
    found = make_offers(MARIA, [], LENDING, finance_rule("NY"), TODAY)
    assert said(found) == ["The program has no policy yet."]
