"""Stories in which banks have the last word, many are charged at once, or a method is kept."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from portal.payments.apply import apply
from portal.payments.autopay.run import run
from portal.payments.bulk import charge_many
from portal.payments.bulk_claims import BulkOrder
from portal.payments.claims import Order
from portal.payments.inbox import handle
from portal.payments.methods.adding import NewMethod, add
from portal.payments.methods.customers import customer_of
from portal.payments.methods.paying import Use
from portal.payments.models import Payment
from portal.payments.submit import submit
from portal.payments.till import Till
from tests.factories.desk import Desk
from tests.faults.story import Story, Told
from tests.payments.autopay.street import open_street
from tests.payments.methods.keeping import ANA, wanted
from tests.payments.methods.keeping import keep as keep_own
from tests.payments.test_bulk import keep, orders
from tests.sandbox.stripe.paying import books, control, token

BANK = "pm_usBankAccount_success"
Debit = tuple[Order, int]


def bank_acts(desk: Desk, invoice_id: int, fate: str) -> list[str]:
    """An invoice's bank debits settle, fail, or settle and are returned; what is done stays.

    Returns:
        The returns' ids.
    """
    found = books(desk.sandbox, desk.till.account)
    mine = [
        each["id"] for each in found["payment_intents"] if str(invoice_id) in each["metadata"]["invoice_ids"].split(",")
    ]
    for intent_id in mine:
        for step in ("settle", "return") if fate == "return" else (fate,):
            with suppress(OSError):  # it is not under way, or was returned
                control(desk.sandbox, f"debits/{intent_id}/{step}")
    disputes = books(desk.sandbox, desk.till.account)["disputes"]
    return [each["id"] for each in disputes if each["payment_intent"] in mine]


def _debit(fate: str, calls: int) -> Story:
    def begin(desk: Desk) -> Debit:
        invoice = desk.invoice()
        return desk.order(invoice, card=BANK), invoice

    def go(desk: Desk, till: Till, begun: Debit, told: Told) -> None:
        order, invoice = begun
        payment = submit(till, order)
        told(payment)
        returns = bank_acts(desk, invoice, fate)
        told(apply(till, payment.id))
        for dispute_id in returns:
            handle(till, "charge.dispute.created", dispute_id)

    def later(desk: Desk, begun: Debit) -> None:
        bank_acts(desk, begun[1], fate)

    return Story(begin, go, calls, later)


def _dispute(outcome: str) -> Story:
    """A cardholder's bank takes a payment back, and decides."""

    def begin(desk: Desk) -> Payment:
        return submit(desk.till, desk.order(desk.invoice()))

    def of_bank(desk: Desk, paid: Payment, what: str) -> str:
        with suppress(OSError):
            if what == "open":
                return str(control(desk.sandbox, f"charges/{paid.charge_id}/dispute")["id"])
        found = books(desk.sandbox, desk.till.account)["disputes"]
        opened = next(str(each["id"]) for each in found if each["payment_intent"] == paid.intent_id)
        with suppress(OSError):
            control(desk.sandbox, f"disputes/{opened}/{what}")
        return opened

    def go(desk: Desk, till: Till, paid: Payment, told: Told) -> None:
        opened = of_bank(desk, paid, "open")
        handle(till, "charge.dispute.funds_withdrawn", opened)
        of_bank(desk, paid, outcome)
        handle(till, "charge.dispute.closed", opened)

    def later(desk: Desk, paid: Payment) -> None:
        of_bank(desk, paid, "open")
        of_bank(desk, paid, outcome)

    return Story(begin, go, 2, later)


def _bulk() -> Story:
    """As on a due date."""

    def begin(desk: Desk) -> Sequence[BulkOrder]:
        method = keep(desk)
        return orders(method, *(desk.invoice() for _ in range(2)))

    def go(desk: Desk, till: Till, begun: Sequence[BulkOrder], told: Told) -> None:
        charge_many(till, begun)

    return Story(begin, go, 4, in_all_threads=True)


def _autopay() -> Story:
    """The hourly run on a due date that was announced; when it does not come through, the next one makes up for it."""

    def begin(desk: Desk) -> None:
        street = open_street(desk, installments=1, first_in=4)
        street.on(keep_own(desk))
        street.run_on(street.first - timedelta(days=3))
        street.noon(street.first)

    def go(desk: Desk, till: Till, _nothing: None, told: Told) -> None:
        run(till)

    return Story(begin, go, 2, in_all_threads=True)


def _method_kept() -> Story:
    """A card is kept without paying."""

    def begin(desk: Desk) -> NewMethod:
        return wanted(desk)

    def go(desk: Desk, till: Till, new: NewMethod, told: Told) -> None:
        add(till, new)

    return Story(begin, go, 2)


def _paid_and_kept() -> Story:
    """A card is kept while it pays."""

    def begin(desk: Desk) -> Order:
        card = desk.till.gateway.preview(token(desk.processor, setup_future_usage="off_session"))
        return replace(desk.order(desk.invoice()), method=card, use=Use(customer_of(desk.till, ANA)))

    def go(desk: Desk, till: Till, order: Order, told: Told) -> None:
        told(submit(till, order))

    return Story(begin, go, 2)


LATER_STORIES: Mapping[str, Story] = {
    "bank debit": _debit("settle", 3),
    "bank debit fails": _debit("fail", 4),
    "bank debit is returned": _debit("return", 5),
    "dispute won": _dispute("won"),
    "dispute lost": _dispute("lost"),
    "many at once": _bulk(),
    "autopay": _autopay(),
    "method kept": _method_kept(),
    "paid and kept": _paid_and_kept(),
}
