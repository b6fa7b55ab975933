"""What autopay does for an invoice on a day: announced, charged, asked for, left to staff."""

from dataclasses import replace
from datetime import date, timedelta

from portal.payments.autopay.rules import Facts, Step, Told, decide
from portal.payments.retries import Failed

DUE = date(2026, 11, 1)
AGREED = date(2026, 9, 1)
BY_CONSENT = Told("consent", DUE, DUE, 40_000, 7, AGREED)
BY_MAIL = Told("mail", DUE, DUE, 40_000, 7, DUE - timedelta(3))
FACTS = Facts(
    due_date=DUE,
    amount_cents=40_000,
    method_id=7,
    can_charge=True,
    agreed_on=AGREED,
    asks=False,
    is_held=False,
    was_given_back=False,
    told=BY_CONSENT,
)


def on(day: int, **more: object) -> Step | None:
    """What is done so many days after the due date."""
    return decide(replace(FACTS, **more), DUE + timedelta(day))


def announced_for(day: int) -> Step:
    return Step("announce", DUE + timedelta(day))


def charged_on(day: int) -> Step:
    return Step("charge", DUE + timedelta(day))


def test_it_is_announced_three_days_before_and_charged_on_its_day() -> None:
    assert [on(day) for day in (-5, -4)] == [None, None]
    assert on(-3) == announced_for(0)
    assert [on(day, told=BY_MAIL) for day in (-3, -2, -1)] == [None] * 3
    assert on(0, told=BY_MAIL) == charged_on(0)


def test_a_notice_that_could_not_leave_on_its_day_leaves_later_and_says_the_true_day() -> None:
    assert [on(-2), on(-1)] == [announced_for(0)] * 2
    assert on(0) == charged_on(0), "it stood on the page of consent"
    assert on(4) == charged_on(4), "our delay"
    assert on(5) == announced_for(8), "nobody expects it any more"
    assert on(8, told=Told("mail", DUE, DUE + timedelta(8), 40_000, 7, DUE + timedelta(5))) == charged_on(8)


def test_whoever_agrees_shortly_before_the_day_has_read_it_there() -> None:
    told = Told("consent", DUE, DUE, 40_000, 7, DUE - timedelta(2))
    assert [on(-2, told=told), on(-1, told=told), on(0, told=told)] == [None, None, charged_on(0)]


def test_less_than_was_announced_is_told_and_charged_on_its_day() -> None:
    assert on(-1, told=BY_MAIL, amount_cents=30_000) == announced_for(0)
    assert on(0, told=BY_MAIL, amount_cents=30_000) == charged_on(0)


def test_more_than_was_announced_is_charged_three_days_after_its_mail() -> None:
    assert on(-1, told=BY_MAIL, amount_cents=40_001) == announced_for(2)
    assert on(0, told=BY_MAIL, amount_cents=40_001) == announced_for(3)
    told = Told("mail", DUE, DUE + timedelta(2), 40_001, 7, DUE - timedelta(1))
    assert [on(day, told=told, amount_cents=40_001) for day in (0, 1, 2)] == [None, None, charged_on(2)]


def test_what_comes_new_is_announced_before_it_is_charged() -> None:
    assert on(-3, told=None) == announced_for(0)
    assert on(0, told=None) == announced_for(3)


def test_another_method_is_announced_anew() -> None:
    assert on(-1, told=BY_MAIL, method_id=8) == announced_for(2)


def test_a_due_date_that_was_moved_is_announced_anew() -> None:
    later = DUE + timedelta(10)
    assert on(0, told=BY_MAIL, due_date=later) == Step("announce", later)
    assert on(-6, told=BY_CONSENT, due_date=DUE - timedelta(5)) == announced_for(-3), "with three days' notice"


def test_what_is_held_or_was_past_due_when_they_agreed_is_left_alone() -> None:
    assert on(0, is_held=True) is None
    assert on(0, agreed_on=DUE + timedelta(1)) is None
    assert on(0, agreed_on=DUE) == charged_on(0)


def test_what_was_given_back_and_a_method_that_is_gone_are_left_to_staff_from_the_due_date_on() -> None:
    assert [on(day, was_given_back=True) for day in (-3, -1)] == [None, None]
    assert on(0, was_given_back=True) == Step("leave", DUE, "given_back")
    assert on(1, can_charge=False) == Step("leave", DUE + timedelta(1), "method")


def test_what_the_processor_refused_to_begin_is_tried_on_another_day_and_after_three_left_to_staff() -> None:
    left = [on(day, told=BY_MAIL, refused_on=[DUE]) for day in (0, 1)]
    assert left == [Step("leave", DUE, "refused"), charged_on(1)]
    days = [DUE + timedelta(day) for day in (0, 0, 1, 2)]
    assert on(3, told=BY_MAIL, refused_on=days[:3]) == charged_on(3)
    assert on(30, told=BY_MAIL, refused_on=days) == Step("leave", DUE + timedelta(30), "refused")


def test_while_another_method_is_asked_for_nothing_is_charged_and_the_next_installment_says_so() -> None:
    assert on(-3, asks=True) == Step("ask", DUE)
    assert on(1, asks=True) is None


def test_a_retry_falls_on_its_day_for_what_was_announced() -> None:
    failed = [Failed("card", "insufficient_funds", DUE, DUE, 40_000)]
    assert [on(day, failed=failed, told=BY_MAIL) for day in (0, 1)] == [None, charged_on(1)]
    assert on(1, failed=failed, told=BY_MAIL, amount_cents=45_000) == announced_for(4)
    debit = [Failed("us_bank_account", "R01", DUE, DUE + timedelta(4), 40_000)]
    assert on(5, failed=debit, told=BY_MAIL) == charged_on(5)
    assert on(5, failed=debit, told=BY_MAIL, amount_cents=30_000) == Step("leave", DUE + timedelta(5), "amount")


def test_what_must_not_be_tried_again_is_not() -> None:
    stolen = [Failed("card", "stolen_card", DUE, DUE, 40_000)]
    assert [on(day, failed=stolen, told=BY_MAIL) for day in (0, 1, 5, 30)] == [None] * 4
