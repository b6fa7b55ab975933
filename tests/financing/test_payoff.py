"""Ending a loan early: actuarial, and by the Rule of 78."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.financing.payoff import LEAST_LEFT_CENTS, Method, earned_through, payoff, rebates, rule_of_78, savings
from portal.financing.schedule import Price, Terms, make_schedule
from tests.financing.test_schedule import days, made, prices, terms
from tests.financing.vectors import cents, vectors

BEGINS = date(2025, 10, 1)
LOAN = make_schedule(Price(12_000_00, 600_00, 250_00), Terms(Decimal("0.25"), Decimal("0.129"), 9), BEGINS)


@pytest.mark.parametrize("vector", vectors("rule_of_78_refund"), ids=lambda vector: vector["id"])
def test_the_rule_of_78_as_published(vector: dict[str, Any]) -> None:
    inputs = vector["inputs"]
    unearned = rule_of_78(cents(inputs["finance_charge"]), inputs["n"], inputs["remaining"])
    assert unearned == cents(vector["our_value"])
    # The page drops what is below a cent.
    assert abs(unearned - cents(vector["expected"]["unearned"])) <= 1


def test_on_a_due_date_the_balance_ends_the_loan() -> None:
    for one in LOAN.installments:
        assert payoff(LOAN, BEGINS, one.number, one.due_date).payoff_cents == one.balance_cents


def test_on_the_first_day_only_what_was_borrowed_is_owed() -> None:
    first = payoff(LOAN, BEGINS, 0, BEGINS)
    assert (first.payoff_cents, first.saved_cents) == (LOAN.amount_financed_cents, LOAN.finance_charge_cents)


def test_within_a_period_its_days_count() -> None:
    # October has 31 days and bears 101.59; on the 11th 21 of them are left: 68.81 is saved of it.
    found = payoff(LOAN, BEGINS, 0, date(2025, 10, 11))
    assert found.saved_cents == LOAN.finance_charge_cents - 10159 + 6881


def test_an_installment_that_is_late_is_owed_with_its_interest() -> None:
    one, two = LOAN.installments[:2]
    on_time = payoff(LOAN, BEGINS, 0, two.due_date)
    assert on_time.payoff_cents == one.payment_cents + two.payment_cents + two.balance_cents


def test_by_the_rule_of_78_a_period_that_has_begun_counts() -> None:
    charge = LOAN.finance_charge_cents
    assert payoff(LOAN, BEGINS, 3, date(2026, 1, 1), "rule_of_78").saved_cents == rule_of_78(charge, 9, 6)
    assert payoff(LOAN, BEGINS, 3, date(2026, 1, 2), "rule_of_78").saved_cents == rule_of_78(charge, 9, 5)


@pytest.mark.parametrize("method", ["actuarial", "rule_of_78"])
def test_after_the_last_installment_nothing_is_owed(method: Method) -> None:
    assert payoff(LOAN, BEGINS, 9, date(2026, 7, 1), method).payoff_cents == 0


@given(prices, terms, days, st.integers(0, 10), st.integers(-10, 400))
def test_waiting_never_makes_it_cheaper_and_never_dearer_than_agreed(
    price: Price, agreed: Terms, begins: date, paid: int, after: int
) -> None:
    loan = made(price, agreed, begins)
    paid = min(paid, len(loan.installments))
    on = begins + timedelta(days=after)
    today, tomorrow = (payoff(loan, begins, paid, day) for day in (on, on + timedelta(days=1)))
    assert 0 <= today.saved_cents <= loan.finance_charge_cents
    assert today.payoff_cents <= tomorrow.payoff_cents <= tomorrow.open_cents


@given(prices, terms, days, st.integers(0, 9))
def test_what_is_earned_and_saved_make_the_whole_charge_on_due_dates(
    price: Price, agreed: Terms, begins: date, number: int
) -> None:
    loan = made(price, agreed, begins)
    number = min(number, len(loan.installments) - 1)
    day = loan.installments[number].due_date
    saved = payoff(loan, begins, number + 1, day).saved_cents
    assert saved + earned_through(loan.installments, day) == loan.finance_charge_cents


def test_interest_of_installments_paid_ahead_is_given_back() -> None:
    # Eight of nine were paid on the first day: only what was borrowed is owed beyond them.
    paid = sum(one.payment_cents for one in LOAN.installments[:8])
    assert payoff(LOAN, BEGINS, 8, BEGINS).payoff_cents == LOAN.amount_financed_cents - paid


@given(prices, terms, days, st.integers(-10, 400), st.sets(st.integers(0, 9)))
def test_which_installments_were_paid_ahead_makes_no_difference(
    price: Price, agreed: Terms, begins: date, after: int, ahead: set[int]
) -> None:
    loan = made(price, agreed, begins)
    saved = savings(loan.installments, begins, begins + timedelta(days=after), "actuarial")
    open_cents = [0 if place in ahead else one.payment_cents for place, one in enumerate(loan.installments)]
    found = rebates(saved, open_cents)
    assert all(0 <= rebate <= cents for rebate, cents in zip(found, open_cents, strict=True))
    if sum(open_cents) - sum(saved) > LEAST_LEFT_CENTS * len(found):
        assert sum(found) == sum(saved)
