"""Schedules against worked examples, and what must hold of every one of them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.financing.schedule import COUNTS, Price, Schedule, Spacing, Terms, add_months, make_schedule
from tests.financing.vectors import cents, vectors

PLANS: list[tuple[Spacing, int]] = [(spacing, count) for spacing, counts in COUNTS.items() for count in counts]
prices = st.builds(
    Price,
    st.integers(25_000, 500_000_00),
    st.integers(0, 50_000_00),
    st.integers(0, 5_000_00),
)
terms = st.builds(
    lambda down, rate, plan: Terms(Decimal(down) / 100, Decimal(rate) / 10_000, plan[1], plan[0]),
    st.integers(5, 60),
    st.integers(0, 3_600),
    st.sampled_from(PLANS),
)
days = st.dates(date(2024, 1, 1), date(2032, 12, 31))


@pytest.mark.parametrize("vector", vectors("premium_finance_schedule"), ids=lambda vector: vector["id"])
def test_the_worked_examples(vector: dict[str, Any]) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    price = Price(
        cents(inputs["premium"]), cents(inputs["financed_taxes_fees"]), cents(inputs["fully_earned_nonfinanced_fees"])
    )
    agreed = Terms(
        Decimal(inputs["down_payment_percent"]) / 100,
        Decimal(inputs["note_rate_percent"]) / 100,
        inputs["installments"],
    )
    schedule = make_schedule(price, agreed, date.fromisoformat(inputs["effective_date"]))
    assert schedule.down_payment_cents == cents(expected["down_payment"])
    assert schedule.amount_financed_cents == cents(expected["amount_financed"])
    assert schedule.finance_charge_cents == cents(expected["finance_charge"])
    assert schedule.total_of_payments_cents == cents(expected["total_of_payments"])
    assert schedule.apr_percent == Decimal(str(expected["apr_2dp"])).quantize(Decimal("0.01"))
    assert [
        (one.number, one.due_date, one.payment_cents, one.interest_cents, one.principal_cents, one.balance_cents)
        for one in schedule.installments
    ] == [
        (
            row["n"],
            date.fromisoformat(row["due"]),
            *(cents(row[name]) for name in ("payment", "interest", "principal", "balance")),
        )
        for row in expected["schedule"]
    ]


def made(price: Price, agreed: Terms, first_day: date) -> Schedule:
    """A schedule, where these figures make one."""
    try:
        return make_schedule(price, agreed, first_day)
    except ValueError:
        assume(False)
        raise


@given(prices, terms, days)
def test_nothing_is_gained_or_lost_in_rounding(price: Price, agreed: Terms, first_day: date) -> None:
    schedule = made(price, agreed, first_day)
    ones = schedule.installments
    assert schedule.down_payment_cents + schedule.amount_financed_cents == price.total_cents
    assert sum(one.principal_cents for one in ones) == schedule.amount_financed_cents
    assert sum(one.interest_cents for one in ones) == schedule.finance_charge_cents
    assert all(one.payment_cents == one.principal_cents + one.interest_cents for one in ones)
    assert len({one.payment_cents for one in ones[:-1]}) == min(1, len(ones) - 1)
    assert abs(ones[-1].payment_cents - ones[0].payment_cents) <= 2 * agreed.installments
    assert ones[-1].balance_cents == 0


@given(prices, terms, days)
def test_the_apr_is_the_rate_of_the_note(price: Price, agreed: Terms, first_day: date) -> None:
    schedule = made(price, agreed, first_day)
    assume(schedule.amount_financed_cents >= 1_000_00)
    # Nothing but interest is charged: what rounding to cents does stays far below the 1/8 of 12 CFR 1026.22(a)(2).
    assert abs(schedule.apr - agreed.note_rate) < Decimal("0.0005")


@given(prices, terms, days)
def test_installments_fall_on_the_day_of_the_cover_or_the_last_of_a_short_month(
    price: Price, agreed: Terms, first_day: date
) -> None:
    due = [one.due_date for one in made(price, agreed, first_day).installments]
    assert due == sorted(set(due))
    for number, day in enumerate(due, 1):
        months = (day.year - first_day.year) * 12 + day.month - first_day.month
        assert months == number * agreed.months_between
        assert day.day == first_day.day or (day.day < first_day.day and add_months(day, 0).month != day.month + 1)


@pytest.mark.parametrize("price", [Price(0), Price(0, 0, 500_00), Price(3)])
def test_what_leaves_nothing_to_divide_is_refused(price: Price) -> None:
    with pytest.raises(ValueError, match=r"to finance|to be divided"):
        make_schedule(price, Terms(Decimal("0.25"), Decimal("0.129"), 9), date(2026, 1, 1))
