"""What people and machines do with money, to be cut off at every point: each from its beginning to its golden end."""

from collections.abc import Mapping
from datetime import timedelta

from portal.core.audit import SYSTEM
from portal.core.db import run_unit
from portal.core.errors import Conflict
from portal.payments.after_restore import read_again
from portal.payments.apply import apply, stop
from portal.payments.claims import Order, Payer
from portal.payments.models import Payment
from portal.payments.money_back.refund import RefundOrder, refund
from portal.payments.offline import Received, bounce_check, record_offline
from portal.payments.submit import submit
from portal.payments.till import Till
from tests.factories.desk import Desk
from tests.faults.later_stories import LATER_STORIES
from tests.faults.partner_stories import PARTNER_STORIES
from tests.faults.story import Story, Told

DECLINED = "pm_card_visa_chargeDeclined"
BANK_ASKS = "pm_card_threeDSecure2Required"


def _pay(card: str, calls: int, invoices: int = 1) -> Story:
    def begin(desk: Desk) -> Order:
        return desk.order(*(desk.invoice() for _ in range(invoices)), card=card)

    def go(desk: Desk, till: Till, order: Order, told: Told) -> None:
        told(submit(till, order))

    return Story(begin, go, calls)


def _bank_asks(answer: str, calls: int) -> Story:
    """The payer's bank asks; the payer says yes or no there, or closes the page, or presses "stop"."""

    def begin(desk: Desk) -> Order:
        return desk.order(desk.invoice(), card=BANK_ASKS)

    def go(desk: Desk, till: Till, order: Order, told: Told) -> None:
        payment = submit(till, order)
        told(payment)
        if payment.state != "action_required":
            return
        if answer == "stop":
            told(stop(till, payment, is_watched=True))
        elif answer:
            desk.decide(payment, answer)
            told(apply(till, payment.id, is_watched=True))

    return Story(begin, go, calls)


def _double_press() -> Story:
    """The button is pressed again, on the same page, and on another that was rendered before."""

    def begin(desk: Desk) -> tuple[Order, Order]:
        invoice = desk.invoice()
        return desk.order(invoice), desk.order(invoice)

    def go(desk: Desk, till: Till, orders: tuple[Order, Order], told: Told) -> None:
        for order in (orders[0], orders[0], orders[1]):
            try:
                told(submit(till, order))
            except Conflict:
                continue

    return Story(begin, go, 2)


def _check(*, bounces: bool) -> Story:
    """Staff record a check over one of two invoices and a bit of the other; the bank bounces it."""

    def begin(desk: Desk) -> Received:
        first, second = desk.invoice(), desk.invoice()
        payer = Payer("insured", "Ana", "ana@bakery.example", "en_US")
        request = f"check-{next(desk.requests)}"
        today = desk.till.today()
        return Received(request, "check", "1042", today, 50_000, {first: 41_250, second: 41_250}, payer)

    def go(desk: Desk, till: Till, received: Received, told: Told) -> None:
        def enter() -> Payment:
            with till.writing() as session:
                return record_offline(session, received, till.zone, SYSTEM, till.now())

        def bounce() -> None:
            with till.writing() as session:
                bounce_check(session, payment.id, till.today(), SYSTEM, till.now())

        payment = run_unit(enter)
        if bounces:
            run_unit(bounce)

    return Story(begin, go, 0)


def _reads_again() -> Story:
    """After a restore everything since the backup is read again."""

    def begin(desk: Desk) -> None:
        assert submit(desk.till, desk.order(desk.invoice())).state == "succeeded"

    def go(desk: Desk, till: Till, _nothing: None, told: Told) -> None:
        read_again(till, till.now() - timedelta(hours=1), SYSTEM)

    return Story(begin, go, 2)


def _refund() -> Story:
    """Staff give a part of a payment back."""

    def begin(desk: Desk) -> RefundOrder:
        invoice = desk.invoice()
        paid = submit(desk.till, desk.order(invoice))
        return RefundOrder(f"refund-{next(desk.requests)}", paid.id, "requested", {invoice: 10_000})

    def go(desk: Desk, till: Till, order: RefundOrder, told: Told) -> None:
        refund(till, order, SYSTEM)

    return Story(begin, go, 1)


STORIES: Mapping[str, Story] = {
    "card": _pay("pm_card_visa", 2),
    "card declined": _pay(DECLINED, 3),
    "two invoices": _pay("pm_card_visa", 2, invoices=2),
    "bank asks: yes": _bank_asks("complete", 3),
    "bank asks: no": _bank_asks("fail", 4),
    "bank asks: nobody answers": _bank_asks("", 2),
    "bank asks: stopped": _bank_asks("stop", 3),
    "pressed twice": _double_press(),
    "check": _check(bounces=False),
    "check bounces": _check(bounces=True),
    "read again": _reads_again(),
    "refund": _refund(),
    **LATER_STORIES,
    **PARTNER_STORIES,
}
