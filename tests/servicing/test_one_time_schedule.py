"""Several payments come to the same total, on days that people expect."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import BadInput
from portal.invoices.issue import LineDraft
from portal.servicing.one_time_schedule import EVERY, LEAST_CENTS, MOST_PAYMENTS, Every, schedule

TODAY = date(2026, 7, 15)
SURVEY = (LineDraft("item", "Loss survey", 1_000_00), LineDraft("tax", "Taxes", 82_51))


@pytest.mark.parametrize(
    ("every", "days"),
    [
        ("week", ["2026-08-31", "2026-09-07", "2026-09-14"]),
        ("two_weeks", ["2026-08-31", "2026-09-14", "2026-09-28"]),
        ("month", ["2026-08-31", "2026-09-30", "2026-10-31"]),
        ("quarter", ["2026-08-31", "2026-11-30", "2027-02-28"]),
    ],
)
def test_the_days(every: Every, days: list[str]) -> None:
    parts = schedule(SURVEY, date(2026, 8, 31), 3, every, TODAY)
    assert [part.due_date.isoformat() for part in parts] == days
    assert [part.cents for part in parts] == [360_84, 360_84, 360_83]


def test_one_payment_is_what_was_typed() -> None:
    assert [part.lines for part in schedule(SURVEY, TODAY, 1, "month", TODAY)] == [SURVEY]


@given(
    st.lists(st.integers(1, 1_000_000_00), min_size=1, max_size=8),
    st.integers(1, MOST_PAYMENTS),
    st.sampled_from(list(EVERY)),
)
def test_nothing_is_added_and_nothing_lost(cents: list[int], payments: int, every: Every) -> None:
    lines = [LineDraft("item", str(number), each) for number, each in enumerate(cents)]
    if sum(cents) < payments * LEAST_CENTS or (every == "quarter" and payments > 12):
        return
    parts = schedule(lines, TODAY, payments, every, TODAY)
    assert len(parts) == payments
    assert {
        line.label: sum(x.amount_cents for p in parts for x in p.lines if x.label == line.label) for line in lines
    } == {line.label: line.amount_cents for line in lines}
    assert all(line.amount_cents > 0 for part in parts for line in part.lines)
    assert max(part.cents for part in parts) - min(part.cents for part in parts) <= 1
    assert sorted({part.due_date for part in parts}) == [part.due_date for part in parts]


@pytest.mark.parametrize(
    ("cents", "first", "payments", "every", "why"),
    [
        (1_000_00, TODAY, 0, "month", "Between 1 and 24"),
        (1_000_00, TODAY, 25, "month", "Between 1 and 24"),
        (4_99, TODAY, 5, "month", "a dollar at least"),
        (1_000_00, TODAY - timedelta(days=1), 1, "month", "is over"),
        (1_000_00, TODAY, 14, "quarter", "more than three years"),
    ],
)
def test_what_makes_no_sense_is_refused(cents: int, first: date, payments: int, every: Every, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        schedule([LineDraft("item", "Loss survey", cents)], first, payments, every, TODAY)
