"""A payment that is cut off at any point, or loses any answer, charges at most once and comes to its end by itself."""

from itertools import count

import pytest

from portal.payments.models import Payment
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.payments.interruptions import LOST, Crash, Points, converge, interrupted

CARDS = ("pm_card_visa", "pm_card_visa_chargeDeclined", "pm_card_threeDSecure2Required")
NOT_CHARGED = {"failed", "canceled"}


def start(desk: Desk, invoice: int, card: str, points: Points) -> Payment | None:
    """A payer presses the button; None when the process ended on the way."""
    order = desk.order(invoice, card=card)
    with interrupted(desk.till, points) as till:
        try:
            return submit(till, order)
        except Crash:
            return None


def assert_charged_at_most_once(desk: Desk, invoice: int, shown: Payment | None, before_cents: int) -> None:
    """Books and processor agree; what was shown as not charged was not; an open invoice can still be paid, once."""
    desk.assert_sound()
    state, open_cents = desk.invoice_state(invoice)
    charged = desk.charged_cents() - before_cents
    assert (state, open_cents, charged) in {("paid", 0, 41_250), ("open", 41_250, 0)}
    if shown is not None and shown.state in NOT_CHARGED:
        assert charged == 0
    assert "live" not in desk.claims(invoice)


@pytest.mark.parametrize("card", CARDS)
def test_a_process_may_end_anywhere(desk: Desk, card: str) -> None:
    """Every other time no event arrives, and the reconciler is alone."""
    for crash_at in count(1):
        invoice = desk.invoice()
        before_cents = desk.charged_cents()
        points = Points(crash_at)
        shown = start(desk, invoice, card, points)
        converge(desk, with_events=crash_at % 2 == 0)
        assert_charged_at_most_once(desk, invoice, shown, before_cents)
        if len(points.passed) < crash_at:
            assert crash_at > 7
            break


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("how", LOST)
def test_any_answer_may_be_lost(desk: Desk, card: str, how: str) -> None:
    for number in count(1):
        invoice = desk.invoice()
        before_cents = desk.charged_cents()
        points = Points(loses={number: how})
        shown = start(desk, invoice, card, points)
        converge(desk, with_events=number % 2 == 0)
        assert_charged_at_most_once(desk, invoice, shown, before_cents)
        if points.calls < number:
            break


@pytest.mark.parametrize("card", CARDS[:2])
def test_the_worker_may_end_anywhere_too(desk: Desk, card: str) -> None:
    """The payment was cut off before its outcome was written; then so is whoever brings it to its end."""
    for crash_at in count(1):
        invoice = desk.invoice()
        before_cents = desk.charged_cents()
        shown = start(desk, invoice, card, Points(loses={2: "answer lost"}))
        assert shown is not None
        assert shown.state == "submitted"
        desk.clock.pass_(minutes=3)
        points = Points(crash_at)
        with interrupted(desk.till, points) as till:
            try:
                converge(Desk(till, desk.agency, desk.clock, desk.sandbox, desk.processor), with_events=False)
            except Crash:
                converge(desk, with_events=True)
        assert_charged_at_most_once(desk, invoice, shown, before_cents)
        if len(points.passed) < crash_at:
            break
