"""After a history: our books against the processor's own, read from it over HTTP."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice
from portal.ledger.models import JournalEntry
from portal.payments.methods.models import PaymentMethod, ProcessorCustomer
from portal.payments.models import Payment
from portal.payments.money_back.models import Dispute, DisputeMovement, Refund
from tests.factories.desk import Desk
from tests.faults.recovery import Delivered
from tests.payments.methods.keeping import ANA, at_processor
from tests.sandbox.stripe.paying import books

RECEIPT = "mail.payment_receipt"
NOT_CHARGED = frozenset({"failed", "canceled"})
GIVEN_BACK = ("pending", "succeeded")
KEPT = ("active", "pending_verification")
EMPTY: Mapping[str, list[Any]] = {"payment_intents": [], "refunds": [], "disputes": []}


def judge(desk: Desk, delivered: Delivered, told_not_charged: frozenset[str] = frozenset()) -> int:
    """Nothing was charged twice, lost or made up, everybody was told the truth, and every rule of the books holds.

    Args:
        told_not_charged: references of payments whose payers were shown that nothing was charged.

    Returns:
        How many charges the processor has made at this desk.

    Raises:
        AssertionError: says what is wrong.
    """
    found = books(desk.sandbox, desk.till.account) or EMPTY
    charged = {each["id"]: each for each in found["payment_intents"] if each["amount_received"]}
    with desk.till.reading() as session:
        totals = dict(session.execute(select(Invoice.id, Invoice.total_cents)).all())
        query = select(JournalEntry.ref).where(JournalEntry.kind == "charge")
        entered = {int(ref) for ref in session.scalars(query)}
        payments = session.scalars(select(Payment)).all()
        movements = _movements(session)
        given_back = Counter(session.scalars(select(Refund.reference).where(Refund.state.in_(GIVEN_BACK))))
        keeps_methods = session.scalar(select(func.count()).select_from(ProcessorCustomer))
    assert not (twice := twice_charged(found, totals)), f"charged twice: {twice}"
    online = [payment for payment in payments if payment.kind != "offline"]
    booked = {payment.intent_id for payment in online if payment.id in entered}
    assert not (lost := charged.keys() - booked), f"lost: charged at the processor, not in the books: {lost}"
    assert not (phantom := booked - charged.keys()), f"phantom: in the books, not charged at the processor: {phantom}"
    succeeded = {payment.intent_id: payment.charged_cents for payment in online if payment.state == "succeeded"}
    assert succeeded == {number: each["amount_received"] for number, each in charged.items()}
    lied = told_not_charged & {each["metadata"]["reference"] for each in charged.values()}
    assert not lied, f"told that they were not charged, and were: {lied}"
    without = [
        payment.id
        for payment in payments
        if payment.state == "succeeded" and (RECEIPT, str(payment.id)) not in delivered.rows
    ]
    assert not without, f"no receipt for {without}"
    closed = {payment.intent_id for payment in payments if payment.state in NOT_CHARGED}
    alive = [each["id"] for each in found["payment_intents"] if each["id"] in closed and each["status"] != "canceled"]
    assert not alive, f"closed here, and could still charge at the processor: {alive}"
    sent = Counter(each["metadata"].get("refund") for each in found["refunds"] if each["status"] in GIVEN_BACK)
    assert sent == given_back, f"refunded at the processor {sent}, in the books {given_back}"
    taken = {each["id"]: _moved(each) for each in found["disputes"]}
    assert taken == movements, f"disputed at the processor {taken}, in the books {movements}"
    if keeps_methods:
        assert (there := at_processor(desk)) == (here := _kept(desk)), f"kept at the processor {there}, here {here}"
    broken = desk.broken_rules()
    assert not broken, broken
    return len(charged)


def twice_charged(found: Mapping[str, list[dict[str, Any]]], totals: Mapping[int, int]) -> list[str]:
    """Payments with two intents that have charged, and invoices that were charged for more than they are.

    What was given back is no charge, nor what a bank has ever taken back: what it brings back later is credit, when
    the invoice was paid otherwise meanwhile.

    Args:
        found: the processor's books.
        totals: of each invoice, in cents.
    """
    payments: Counter[str] = Counter()
    invoices: Counter[int] = Counter()
    back: Counter[str] = Counter()
    for refund in found["refunds"]:
        back[refund["payment_intent"]] += refund["amount"] if refund["status"] in GIVEN_BACK else 0
    disputed = {each["payment_intent"] for each in found["disputes"] if each["balance_transactions"]}
    for intent in found["payment_intents"]:
        if not intent["amount_received"]:
            continue
        about = intent["metadata"]
        payments[about["reference"]] += 1
        numbers, shares = about["invoice_ids"].split(","), about["invoice_cents"].split(",")
        for number, share in zip(numbers, shares, strict=True):
            if intent["id"] not in disputed:
                invoices[int(number)] += max(0, int(share) - back[intent["id"]])
    return [f"payment {reference}" for reference, times in payments.items() if times > 1] + [
        f"invoice {number}: {cents} of {totals[number]}" for number, cents in invoices.items() if cents > totals[number]
    ]


def _movements(session: Scoped) -> dict[str, int]:
    """Dispute -> what it did to the balance, in cents, by our books."""
    query = (
        select(Dispute.dispute_id, func.coalesce(func.sum(DisputeMovement.amount_cents), 0))
        .outerjoin(DisputeMovement, DisputeMovement.dispute_id == Dispute.id)
        .group_by(Dispute.dispute_id)
    )
    return {number: int(cents) for number, cents in session.execute(query)}


def _moved(dispute: Mapping[str, Any]) -> int:
    return sum(each["amount"] for each in dispute["balance_transactions"])


def _kept(desk: Desk) -> list[str]:
    """The last four of what somebody keeps, by our books."""
    query = select(PaymentMethod.last4).where(PaymentMethod.owner_email == ANA, PaymentMethod.state.in_(KEPT))
    with desk.till.reading() as session:
        return sorted(session.scalars(query))
