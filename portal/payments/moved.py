"""What follows when payments have moved: claims, invoices, loans, books, news and the audit line, in that transaction.

For one payment or for many of a bulk run: the same rules, and as many statements.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.core.audit import SYSTEM, record
from portal.core.events import publish_all
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.financing.loans import after_payment
from portal.financing.payoffs import pay_off
from portal.invoices.models import Invoice
from portal.invoices.settle import settle
from portal.ledger.journal import post
from portal.ledger.postings import Settled, payment_succeeded
from portal.payments.autopay.asking import begin_later
from portal.payments.claims import consume_all
from portal.payments.events import BankDebitSent, PaymentSettled
from portal.payments.gateway import Intent
from portal.payments.method_kinds import BANK_DEBIT
from portal.payments.models import LoanPayoff, Payment
from portal.payments.money_back.credit import enter_credit, owner_of

WITH_THE_BANK = {"processing", "succeeded"}
"""States that say that a debit was sent; that it was processing may be learnt only afterwards, or never."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A payment in the state that its intent says; it has just been moved there.

    Args:
        was_closed: it had ended before: money that comes all the same becomes customer credit.
    """

    payment: Payment
    intent: Intent
    was_closed: bool

    @property
    def fee_cents(self) -> int:
        """What of the money received is the fee."""
        return 0 if self.was_closed else min(self.payment.fee_cents, self.intent.amount_received_cents)

    @property
    def paid_cents(self) -> int:
        """What of the money received is there for invoices."""
        return self.intent.amount_received_cents - self.fee_cents


def follow_up(session: Scoped, moved: Sequence[Moved], booked_on: date, at: datetime) -> None:
    """Write all that is true now that these payments have moved.

    Args:
        session: the write unit that has moved them.
        booked_on: the day of the booking.
    """
    for one in moved:
        one.payment.method_ref = one.intent.method_id or one.payment.method_ref
        one.payment.charge_id = one.intent.charge_id or one.payment.charge_id
    sent = [
        BankDebitSent(one.payment.id)
        for one in moved
        if one.payment.method_kind == BANK_DEBIT and one.payment.state in WITH_THE_BANK
    ]
    if sent:
        publish_all(session, sent, at)
    succeeded = [one for one in moved if one.payment.state == "succeeded"]
    if succeeded:
        _succeed(session, succeeded, booked_on, at)
    for one in moved:
        action = f"payment.{one.payment.state}"
        record(session, SYSTEM, action, "payment", one.payment.id, at, intent=one.intent.id)


def _succeed(session: Scoped, ones: Sequence[Moved], booked_on: date, at: datetime) -> None:
    for one in ones:
        one.payment.succeeded_at = at
    landed = _land(session, {one.payment.id: one.paid_cents for one in ones if not one.was_closed})
    payers = {invoice.id: payment_id for payment_id, invoice, _ in landed}
    parts: defaultdict[int, list[Settled]] = defaultdict(list)
    for part in settle(session, [(invoice, cents) for _, invoice, cents in landed], at):
        parts[payers[part.invoice.invoice_id]].append(part)
    unapplied = {
        one.payment.id: one.paid_cents - sum(part.amount_cents for part in parts[one.payment.id]) for one in ones
    }
    entries = [
        payment_succeeded(str(payment_id), parts[payment_id], unapplied[payment_id], one.fee_cents, booked_on)
        for one in ones
        for payment_id in [one.payment.id]
    ]
    post(session, entries, at)
    for one in ones:
        _note_difference(session, one, unapplied[one.payment.id], booked_on, at)
    after_payment(session, [invoice for _, invoice, _ in landed], booked_on, at)
    in_time = [one.payment.id for one in ones if not one.was_closed]
    for loan_id in session.scalars(select(LoanPayoff.loan_id).where(LoanPayoff.payment_id.in_(in_time))).all():
        pay_off(session, loan_id, booked_on, at)
    begin_later(session, in_time, at)
    publish_all(session, [PaymentSettled(one.payment.id) for one in ones], at)


def _note_difference(session: Scoped, one: Moved, unapplied_cents: int, booked_on: date, at: datetime) -> None:
    """What came in is not what was to be charged, or no invoice takes it: a credit, and staff are told."""
    payment, received = one.payment, one.intent.amount_received_cents
    if unapplied_cents:
        open_task(session, "payment.refund_due", str(payment.id), at, cents=unapplied_cents, received_cents=received)
        owner, ref = owner_of(session, payment.id), str(payment.id)
        enter_credit(session, "charge", ref, unapplied_cents, booked_on, at, owner=owner, payment_id=payment.id)
    if received != payment.charged_cents:
        open_task(session, "payment.amount_differs", str(payment.id), at, received_cents=received)


def _land(session: Scoped, received: Mapping[int, int]) -> list[tuple[int, Invoice, int]]:
    """Payment, invoice, and what lands on it: what the invoice can still take and the payment has brought.

    Args:
        received: payment id -> cents there for invoices.
    """
    claims = consume_all(session, list(received)) if received else []
    if not claims:
        return []
    query = select(Invoice).where(Invoice.id.in_([claim.invoice_id for claim in claims])).order_by(Invoice.id)
    left = dict(received)
    landed = []
    for invoice, claim in zip(session.scalars(query.with_for_update()).all(), claims, strict=True):
        amount = min(claim.amount_cents, invoice.open_cents, left[claim.payment_id])
        if amount < claim.amount_cents:
            claim.amount_cents, claim.state = amount, "consumed" if amount else "released"
        left[claim.payment_id] -= amount
        landed.append((claim.payment_id, invoice, amount))
    return landed
