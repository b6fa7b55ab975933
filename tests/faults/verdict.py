"""After a history: our books against the processor's own, read from it over HTTP."""

from collections import Counter
from typing import Any

from sqlalchemy import select

from portal.ledger.models import JournalEntry
from portal.payments.models import Payment
from portal.payments.money_back.models import Refund
from tests.factories.desk import Desk
from tests.faults.recovery import Delivered
from tests.sandbox.stripe.paying import books

RECEIPT = "mail.payment_receipt"
NOT_CHARGED = frozenset({"failed", "canceled"})
GIVEN_BACK = ("pending", "succeeded")


def judge(desk: Desk, delivered: Delivered, told_not_charged: frozenset[int] = frozenset()) -> int:
    """Nothing was charged twice, lost or made up, everybody was told the truth, and every rule of the books holds.

    Args:
        told_not_charged: payments whose payers were shown that nothing was charged.

    Returns:
        How many charges the processor has made at this desk.

    Raises:
        AssertionError: says what is wrong.
    """
    found = books(desk.sandbox, desk.till.account) or {"payment_intents": [], "refunds": []}
    charged = [intent for intent in found["payment_intents"] if intent["amount_received"]]
    assert not (twice := twice_charged(charged)), f"charged twice: {twice}"
    of_payment = {int(intent["metadata"]["payment_id"]): intent["amount_received"] for intent in charged}
    with desk.till.reading() as session:
        query = select(JournalEntry.ref).where(JournalEntry.kind == "charge")
        entered = {int(ref) for ref in session.scalars(query)}
        stored = session.execute(select(Payment.id, Payment.kind, Payment.state, Payment.charged_cents)).all()
        closed = set(session.scalars(select(Payment.intent_id).where(Payment.state.in_(NOT_CHARGED))))
        given_back = Counter(session.scalars(select(Refund.reference).where(Refund.state.in_(GIVEN_BACK))))
    offline = {number for number, kind, _, _ in stored if kind == "offline"}
    assert not (lost := of_payment.keys() - entered), f"lost: charged at the processor, not in the books: {lost}"
    phantom = entered - offline - of_payment.keys()
    assert not phantom, f"phantom: in the books, not charged at the processor: {phantom}"
    succeeded = {number: cents for number, _, state, cents in stored if state == "succeeded"}
    assert {number: cents for number, cents in succeeded.items() if number not in offline} == of_payment
    assert not (lied := told_not_charged & of_payment.keys()), f"told that they were not charged, and were: {lied}"
    without = [number for number in succeeded if (RECEIPT, str(number)) not in delivered.rows]
    assert not without, f"no receipt for {without}"
    alive = [each["id"] for each in found["payment_intents"] if each["id"] in closed and each["status"] != "canceled"]
    assert not alive, f"closed here, and could still charge at the processor: {alive}"
    sent = Counter(each["metadata"].get("refund") for each in found["refunds"])
    assert sent == given_back, f"refunded at the processor {sent}, in the books {given_back}"
    broken = desk.broken_rules()
    assert not broken, broken
    return len(charged)


def twice_charged(charged: list[dict[str, Any]]) -> list[str]:
    """Payments and invoices for which more than one intent has charged."""
    payments = Counter(intent["metadata"]["payment_id"] for intent in charged)
    invoices = Counter(number for intent in charged for number in intent["metadata"]["invoice_ids"].split(","))
    return [f"payment {number}" for number, times in payments.items() if times > 1] + [
        f"invoice {number}" for number, times in invoices.items() if times > 1
    ]
