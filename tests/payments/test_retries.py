"""When a failed charge is tried again: by the bank's reason, the number of tries, and the days between."""

from datetime import date, timedelta

import pytest

from portal.payments.retries import Failed, Verdict, may_retry_amount, verdict

DAY = date(2026, 10, 30)


def card(code: str, *days: int) -> list[Failed]:
    return [Failed("card", code, DAY + timedelta(each), DAY + timedelta(each), 40_000) for each in days]


def debit(code: str, *days: int) -> list[Failed]:
    """Each begun on its day and returned four days later."""
    return [Failed("us_bank_account", code, DAY + timedelta(each), DAY + timedelta(each + 4), 40_000) for each in days]


def on(verdict_: Verdict) -> int | None:
    """Days after the due date."""
    return None if verdict_.on is None else (verdict_.on - DAY).days


def test_a_soft_decline_is_tried_again_one_three_and_five_days_after_the_due_date() -> None:
    found = [verdict(card("insufficient_funds", *days)) for days in [(0,), (0, 1), (0, 1, 3), (0, 1, 3, 5)]]
    assert [(each.step, on(each)) for each in found] == [("retry", 1), ("retry", 3), ("retry", 5), ("off", None)]


def test_a_try_that_came_late_moves_those_after_it() -> None:
    assert on(verdict(card("insufficient_funds", 2, 4))) == 6


@pytest.mark.parametrize(
    ("code", "steps"),
    [
        ("processing_error", ["retry", "ask"]),
        ("generic_decline", ["retry", "retry", "off"]),
        ("stolen_card", ["ask"]),
        ("expired_card", ["ask"]),
        ("authentication_required", ["in_person"]),
        ("a code that nobody knows", ["retry", "retry", "off"]),
    ],
)
def test_what_the_bank_says_decides_how_often(code: str, steps: list[str]) -> None:
    days = (0, 1, 3, 5)
    assert [verdict(card(code, *days[: number + 1])).step for number in range(len(steps))] == steps


def test_a_debit_is_tried_again_after_r01_and_r09_alone_and_at_most_twice() -> None:
    for code in "R01", "R09", "insufficient_funds":
        found = [verdict(debit(code, *days)) for days in [(0,), (0, 5), (0, 5, 11)]]
        assert [(each.step, on(each)) for each in found] == [("retry", 5), ("retry", 11), ("off", None)]
    for code in "R02", "R03", "R07", "R08", "R10", "R29", "debit_not_authorized", "", "R99":
        assert verdict(debit(code, 0)).step == "ask", code


def test_a_debit_is_not_tried_again_after_half_a_year() -> None:
    assert verdict(debit("R01", 0, 176)).step == "off"


def test_a_debit_is_tried_again_for_the_same_amount_only_a_card_for_less_too() -> None:
    assert may_retry_amount(debit("R01", 0), 40_000)
    assert not may_retry_amount(debit("R01", 0), 39_999)
    assert may_retry_amount(card("insufficient_funds", 0), 39_999)


def test_three_invoices_in_a_row_that_nothing_was_paid_of_end_it() -> None:
    assert verdict(card("authentication_required", 0), failed_in_a_row=2).step == "in_person"
    assert verdict(card("authentication_required", 0), failed_in_a_row=3).step == "off"


def test_days_are_counted_by_the_calendar_when_clocks_are_changed() -> None:
    """2026-11-01: an hour twice in New York."""
    assert verdict(card("insufficient_funds", 0, 1)).on == date(2026, 11, 2)
