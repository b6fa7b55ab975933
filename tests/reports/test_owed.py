"""How much first, by when, and what otherwise; and the status in words."""

from datetime import date

import pytest

from portal.programs.lifecycle import ProgramStatus
from portal.reports.owed import Open, Owed, owed
from portal.reports.status_sentence import status_sentence

TODAY = date(2026, 7, 15)
JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)


def test_nothing_open_is_nothing_owed() -> None:
    assert owed([], TODAY) is None


def test_what_is_overdue_comes_first_and_all_of_it() -> None:
    found = owed([Open(1, AUGUST, 500, True), Open(2, JULY, 100, True), Open(3, date(2026, 6, 1), 20, False)], TODAY)
    assert found is not None
    assert (found.amount_cents, found.due_date, found.is_overdue) == (120, date(2026, 6, 1), True)
    assert (found.invoice_ids, found.all_ids, found.all_cents) == ((3, 2), (3, 2, 1), 620)
    assert "canceled" in str(found.consequence)


def test_otherwise_everything_that_is_due_on_the_next_date() -> None:
    found = owed([Open(1, AUGUST, 500, True), Open(2, AUGUST, 7, False), Open(3, date(2026, 9, 1), 1, True)], TODAY)
    assert found is not None
    assert (found.amount_cents, found.due_date, found.is_overdue) == (507, AUGUST, False)
    assert (found.invoice_ids, found.all_cents) == ((1, 2), 508)


def test_what_is_due_today_is_not_overdue() -> None:
    found = owed([Open(1, TODAY, 500, False)], TODAY)
    assert found is not None
    assert not found.is_overdue
    assert "canceled" not in str(found.consequence)


SOON: Owed | None = owed([Open(1, AUGUST, 41_250, True)], TODAY)
LATE: Owed | None = owed([Open(1, JULY, 41_250, True)], TODAY)


@pytest.mark.parametrize(
    ("status", "due", "processing", "by_partner", "expected"),
    [
        ("payment_due", SOON, 0, False, "Please pay $412.50 by 2026-08-01."),
        ("payment_due", LATE, 0, False, "$412.50 was due on 2026-07-01. Please pay it now."),
        ("overdue", LATE, 0, False, "$412.50 was due on 2026-07-01. Please pay it now."),
        ("active", SOON, 0, False, "You are covered. Please pay $412.50 by 2026-08-01."),
        ("active", None, 0, False, "Everything is paid. You are covered until 2027-07-01."),
        ("endorsement_due", SOON, 0, False, "Your policy has changed. Please pay $412.50 by 2026-08-01."),
        ("processing", None, 900, False, "Your payment of $9.00 is on its way. Please do not pay again."),
        ("canceled", None, 0, False, "This was canceled on 2026-07-10."),
        ("canceled", SOON, 0, False, "This was canceled on 2026-07-10. You still owe $412.50."),
        ("completed", None, 0, False, "Everything is paid, and the policies have ended."),
        ("incomplete", None, 0, False, "We are still getting this ready. There is nothing to pay yet."),
        (
            "payment_due",
            None,
            0,
            True,
            "Your insurance agent pays this for you. There is nothing for you to pay here.",
        ),
    ],
)
def test_the_status_in_words(
    status: ProgramStatus, due: Owed | None, processing: int, by_partner: bool, expected: str
) -> None:
    sentence = status_sentence(
        status,
        owed=due,
        processing_cents=processing,
        coverage_ends=date(2027, 7, 1),
        canceled_on=date(2026, 7, 10),
        is_paid_by_partner=by_partner,
    )
    assert str(sentence) == expected
