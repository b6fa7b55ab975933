"""Which reminder is due on a day: no step twice, none after payment, and after an outage at most one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.agencies.reminder_settings import Reminding, Step
from portal.core.errors import BadInput
from portal.servicing.reminders.rule import CATCH_UP, counts_from, link_on, step_on

DUE = date(2026, 8, 31)
BEFORE, AFTER = Reminding().days_before, Reminding().days_after


def day(offset: int) -> date:
    return DUE + timedelta(days=offset)


@pytest.mark.parametrize(
    ("offset", "name"),
    [
        (-21, None),
        (-20, "before.20"),
        (-16, "before.20"),
        (-15, None),
        (-7, "before.7"),
        (-4, "before.7"),
        (-3, "before.3"),
        (-2, "before.2"),
        (-1, "before.1"),
        (0, "before.0"),
        (1, "after.1"),
        (4, "after.1"),
        (5, "after.5"),
        (10, "after.10"),
        (14, "after.10"),
        (15, None),
        (400, None),
    ],
)
def test_an_invoice_has_reached_the_latest_step_and_after_four_days_none(offset: int, name: str | None) -> None:
    step = step_on(DUE, day(offset), BEFORE, AFTER)
    assert (step.name if step else None) == name


def test_once_the_due_date_is_over_no_reminder_speaks_of_it() -> None:
    assert step_on(DUE, day(1), BEFORE, (5,)) is None
    assert step_on(DUE, day(0), (), AFTER) is None


def test_steps_that_are_switched_off_are_none() -> None:
    assert step_on(DUE, day(0), (), ()) is None
    reminding = Reminding(before=(Step(20, False), Step(3)), after=(Step(1, False),))
    assert (reminding.days_before, reminding.days_after) == ((3,), ())


DAYS = st.lists(st.integers(0, 30), unique=True, max_size=7)


@given(
    before=DAYS,
    after=st.lists(st.integers(1, 30), unique=True, max_size=5),
    runs=st.sets(st.integers(-40, 40)),
    paid_on=st.integers(-40, 60),
)
def test_a_year_of_runs_and_outages_sends_no_step_twice_and_none_to_who_has_paid(
    before: list[int], after: list[int], runs: set[int], paid_on: int
) -> None:
    done: list[tuple[str, int]] = []
    for offset in sorted(runs):
        if offset >= paid_on:
            break
        for _again in range(2):  # hourly, by two workers
            step = step_on(DUE, day(offset), before, after)
            if step is not None and step.name not in [name for name, _ in done]:
                done.append((step.name, offset))
                assert step.day <= day(offset) <= step.day + CATCH_UP
                assert step.is_overdue == (offset > 0)
    assert len({name for name, _ in done}) == len(done)
    assert len({offset for _, offset in done}) == len(done), "one at the most on a day, whatever was missed"
    steps_in_order = [
        -int(name.split(".")[1]) if name.startswith("before") else int(name.split(".")[1]) for name, _ in done
    ]
    assert steps_in_order == sorted(steps_in_order), "never an earlier one after a later one"


@given(before=DAYS, after=st.lists(st.integers(1, 30), unique=True, max_size=5))
def test_who_runs_every_day_sends_every_step_on_its_day(before: list[int], after: list[int]) -> None:
    sent = set()
    for offset in range(-40, 41):
        step = step_on(DUE, day(offset), before, after)
        if step is not None and step.day == day(offset):
            sent.add(step.name)
    assert sent == {f"before.{days}" for days in before} | {f"after.{days}" for days in after}


def test_nobody_is_written_to_for_what_lies_before_them() -> None:
    arrived = date(2026, 8, 20)
    assert counts_from(arrived, None, None) == date(2026, 8, 21), "importing never mails"
    assert counts_from(arrived, date(2026, 8, 25), None) == date(2026, 8, 25)
    assert counts_from(arrived, date(2026, 8, 10), date(2026, 8, 27)) == date(2026, 8, 27)


def test_a_link_is_sent_on_its_days_and_after_an_outage_once() -> None:
    first = date(2026, 8, 1)
    days = (0, 2, 4)
    assert [link_on(first, first + timedelta(days=n), days, set()) for n in range(10)] == [
        *(0, 0, 2, 2, 4, 4, 4, 4, 4),
        None,
    ]
    assert link_on(first, first + timedelta(days=3), days, {0, 2}) is None
    assert link_on(first, first + timedelta(days=5), days, {0}) == 4
    assert link_on(first, first + timedelta(days=5), days, {0, 4}) is None, "the one passed over is not sent after it"


@pytest.mark.parametrize(
    "settings",
    [
        {"hour": 3},
        {"hour": 22},
        {"before": (Step(61),)},
        {"before": (Step(3), Step(3))},
        {"after": (Step(0),)},
        {"link": ()},
        {"link": (Step(1),)},
        {"link": (Step(0, False), Step(2))},
    ],
)
def test_what_cannot_be_followed_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        Reminding(**settings)  # type: ignore[arg-type]


def test_two_steps_on_one_day_are_fine_if_one_is_off() -> None:
    assert Reminding(before=(Step(3), Step(3, False))).days_before == (3,)
