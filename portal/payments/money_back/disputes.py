"""Disputes and returns: what a payer's bank takes back, and brings again. The one writer of their outcomes.

The processor's status is only shown. What counts for books and invoices are the dispute's balance transactions: one
dispute can withdraw, reinstate and withdraw again, an inquiry withdraws nothing, and each transaction is posted once.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError

from portal.core.audit import SYSTEM, record
from portal.core.db import run_unit
from portal.core.events import publish
from portal.core.staff_tasks import open_task, settle_task
from portal.core.tenancy import Scoped
from portal.financing.reversals import after_return, after_reversal
from portal.ledger.journal import post
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.money_back_postings import TakenBack, dispute_reinstated, dispute_withdrawn
from portal.ledger.postings import CONVENIENCE_FEE_INCOME, OWED, SUSPENSE
from portal.payments.apply import READINGS, Contended, apply
from portal.payments.events import DisputeNews, DisputeOpened, PaymentReturned
from portal.payments.method_kinds import BANK_DEBIT
from portal.payments.methods.saved import disable
from portal.payments.models import Payment
from portal.payments.money_back.credit import enter_credit, owner_of
from portal.payments.money_back.gateway import DisputeSeen, Movement
from portal.payments.money_back.landing import land_again, mark_reversed, take_from_invoices
from portal.payments.money_back.models import Dispute, DisputeMovement
from portal.payments.money_back.rules import CLOSED_DISPUTES, matter_of, payer_news, split_back
from portal.payments.money_back.standing import standing_gone, take
from portal.payments.till import Till


def apply_dispute(till: Till, dispute_id: str, seen: DisputeSeen | None = None) -> str | None:
    """Bring a dispute to what the processor says of it.

    Args:
        till: the agency's till; no unit may be open.
        dispute_id: the processor's.
        seen: what a list has just said of it; else it is asked for.

    Returns:
        Its status; None when no payment has its intent, or that payment has not succeeded.

    Raises:
        GatewayError: the processor could not be asked, or others kept changing it; nothing is lost, try again.
    """
    for _ in range(READINGS):
        with till.reading() as session:
            version = session.scalar(_stored(till.account, dispute_id).with_only_columns(Dispute.version)) or 0
        answer = seen or till.gateway.retrieve_dispute(dispute_id)
        payment_id = _payment(till, answer.intent_id)
        if payment_id is None:
            return None
        try:
            if run_unit(partial(_write, till, payment_id, version, answer)):
                return answer.status
        except IntegrityError:  # another trigger was faster by a moment
            pass
        seen = None
    raise Contended(dispute_id)


def _payment(till: Till, intent_id: str) -> int | None:
    """The payment of an intent, once its success is in the books."""
    with till.reading() as session:
        query = select(Payment).where(Payment.account == till.account, Payment.intent_id == intent_id)
        payment = session.scalars(query).one_or_none()
    if payment is None:
        return None
    current = payment if payment.state == "succeeded" else apply(till, payment.id)
    return current.id if current.state == "succeeded" else None


def _write(till: Till, payment_id: int, version: int, seen: DisputeSeen) -> bool:
    """One transaction; False when the dispute has changed since the processor was asked."""
    at = till.now()
    with till.writing() as session:
        payment = take(session, payment_id)
        assert payment is not None
        row = session.scalars(_stored(till.account, seen.id).execution_options(populate_existing=True)).one_or_none()
        if (row.version if row is not None else 0) != version:
            return False
        before = row.status if row is not None else None
        row = _enter(session, payment, row, seen, at)
        for moved in seen.movements:
            known = select(DisputeMovement.id).where(DisputeMovement.transaction_id == moved.id)
            if moved.amount_cents and session.scalar(known) is None:  # else it is a fee alone
                _post(session, till, payment, row, moved, at)
        if before is None or payer_news(row.kind, before, row.status) == "opened":
            _announce(session, payment, row, at)
        if before != row.status:
            _follow(session, payment, row, before, at)
        return True


def _enter(session: Scoped, payment: Payment, row: Dispute | None, seen: DisputeSeen, at: datetime) -> Dispute:
    if row is None:
        row = Dispute(
            payment_id=payment.id,
            account=payment.account,
            dispute_id=seen.id,
            kind="bank" if seen.is_bank or payment.method_kind == BANK_DEBIT else "card",
            status=seen.status,
            reason=seen.reason,
            network_code=seen.network_code,
            amount_cents=seen.amount_cents,
            evidence_due_at=seen.due_at,
            opened_at=seen.opened_at,
            changed_at=at,
        )
        session.add(row)
        session.flush()
        return row
    changed = (
        update(Dispute)
        .where(Dispute.id == row.id, Dispute.version == row.version)
        .values(status=seen.status, evidence_due_at=seen.due_at, version=row.version + 1, changed_at=at)
        .execution_options(synchronize_session=False)
    )
    session.execute(changed)
    session.refresh(row)
    return row


def _announce(session: Scoped, payment: Payment, row: Dispute, at: datetime) -> None:
    """We hear of it, or an inquiry takes the money: staff are called; of a returned bank debit the payer is told."""
    ref = f"{payment.id}:{row.dispute_id}"
    code = row.network_code or row.reason
    if row.kind == "bank":
        open_task(session, "dispute.returned", ref, at, amount_cents=row.amount_cents, why=code)
        disable(session, payment.method_fingerprint, code, at)
        publish(session, PaymentReturned(payment.id, row.id), at)
    else:
        due = row.evidence_due_at.date().isoformat() if row.evidence_due_at else ""
        if row.status.startswith("warning"):
            open_task(session, "dispute.inquiry", ref, at, amount_cents=row.amount_cents, why=row.reason, due=due)
        else:
            open_task(session, "dispute.opened", ref, at, amount_cents=row.amount_cents, why=row.reason, due=due)
    publish(session, DisputeOpened(payment.id, row.id, matter_of(row.kind, row.status)), at)


def _follow(session: Scoped, payment: Payment, row: Dispute, before: str | None, at: datetime) -> None:
    ref = f"{payment.id}:{row.dispute_id}"
    if not row.status.startswith("warning") or row.status in CLOSED_DISPUTES:
        settle_task(session, "dispute.inquiry", ref, row.status, at)
    if row.status in CLOSED_DISPUTES:
        settle_task(session, "dispute.opened", ref, row.status, at)
    if row.kind == "card" and row.status == "lost":
        open_task(session, "dispute.lost", ref, at, amount_cents=row.amount_cents, why=row.reason)
    news = payer_news(row.kind, before, row.status)
    if news is not None:
        publish(session, DisputeNews(payment.id, row.id, news), at)
    record(
        session,
        SYSTEM,
        "payment.disputed",
        "payment",
        payment.id,
        at,
        dispute=row.dispute_id,
        status=row.status,
        amount_cents=row.amount_cents,
    )


def _post(session: Scoped, till: Till, payment: Payment, row: Dispute, moved: Movement, at: datetime) -> None:
    """One balance transaction, into books, invoices and credit."""
    post_one = _withdraw if moved.amount_cents < 0 else _reinstate
    post_one(session, till, payment, row, moved, at)
    session.add(
        DisputeMovement(
            dispute_id=row.id,
            transaction_id=moved.id,
            amount_cents=moved.amount_cents,
            fee_cents=moved.fee_cents,
            posted_at=at,
        )
    )
    session.flush()


def _withdraw(session: Scoped, till: Till, payment: Payment, row: Dispute, moved: Movement, at: datetime) -> None:
    now = standing_gone(session, payment)
    split = split_back(-moved.amount_cents, now.covered, now.fee_cents, now.own_credit_cents)
    parts = take_from_invoices(session, payment.id, split.parts, at)
    mark_reversed(session, payment.id)
    taken = TakenBack(parts, split.fee_cents, split.credit_cents, split.rest_cents)
    post(session, [dispute_withdrawn(moved.id, taken, moved.fee_cents, till.today())], at)
    after_reversal(session, payment.id, [part.invoice.invoice_id for part in parts], till.today(), at)
    _credit(session, till, "dispute_withdrawn", payment, moved, -split.credit_cents, at)
    if split.rest_cents:
        ref = f"{payment.id}:{row.dispute_id}"
        open_task(session, "dispute.unmatched", ref, at, unmatched_cents=split.rest_cents)


def _reinstate(session: Scoped, till: Till, payment: Payment, row: Dispute, moved: Movement, at: datetime) -> None:
    """It came back: where this dispute had taken it, as far as invoices are open; the rest is the customer's credit."""
    took = _taken_by(session, row)
    left, parts = moved.amount_cents, {}
    for invoice_id, cents in sorted(took.parts.items()):
        parts[invoice_id] = min(cents, left)
        left -= parts[invoice_id]
    fee = min(took.fee_cents, left)
    suspense = min(took.suspense_cents, left - fee)
    landed = land_again(session, payment.id, {id_: cents for id_, cents in parts.items() if cents}, at)
    rest = moved.amount_cents - fee - suspense - sum(part.amount_cents for part in landed)
    again = TakenBack(landed, fee, rest, suspense)
    post(session, [dispute_reinstated(moved.id, again, moved.fee_cents, till.today())], at)
    after_return(session, [part.invoice.invoice_id for part in landed], till.today(), at)
    _credit(session, till, "dispute_reinstated", payment, moved, rest, at)


def _credit(
    session: Scoped, till: Till, kind: str, payment: Payment, moved: Movement, cents: int, at: datetime
) -> None:
    owner = owner_of(session, payment.id)
    enter_credit(session, kind, moved.id, cents, till.today(), at, owner=owner, payment_id=payment.id)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a dispute has taken so far and not brought again, by the books."""

    parts: dict[int, int]
    fee_cents: int
    suspense_cents: int


def _taken_by(session: Scoped, row: Dispute) -> Taken:
    movements = select(DisputeMovement.transaction_id).where(DisputeMovement.dispute_id == row.id)
    lines = session.execute(
        select(JournalLine.account, JournalLine.invoice_id, JournalLine.debit_cents - JournalLine.credit_cents)
        .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
        .where(
            JournalEntry.kind.in_(["dispute_withdrawn", "dispute_reinstated"]),
            JournalEntry.ref.in_(movements),
            JournalLine.account.in_([*OWED, CONVENIENCE_FEE_INCOME, SUSPENSE]),
        )
    )
    parts: dict[int, int] = {}
    others = {CONVENIENCE_FEE_INCOME: 0, SUSPENSE: 0}
    for account, invoice_id, cents in lines:
        if account in others:
            others[account] += cents
        elif invoice_id is not None:
            parts[invoice_id] = parts.get(invoice_id, 0) + cents
    return Taken({id_: cents for id_, cents in parts.items() if cents > 0}, *others.values())


def _stored(account: str, dispute_id: str) -> Select[Dispute]:
    return select(Dispute).where(Dispute.account == account, Dispute.dispute_id == dispute_id)
