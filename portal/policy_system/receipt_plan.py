"""Finds the receipts that have to be made or voided, and puts that on its way.

Nothing announces it: what is in the books is compared with the receipts there are, so that none is forgotten, however a
payment, a refund, a return or a payout came to be known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select, update

from portal.core.audit import SYSTEM, record
from portal.core.outbox import enqueue
from portal.core.staff_tasks import settle_task
from portal.core.tenancy import Scoped
from portal.financing.models import Loan
from portal.invoices.models import Invoice
from portal.ledger.models import JournalEntry
from portal.payments.balance_models import BalanceTransaction, ProcessorPayout
from portal.payments.models import Claim, Payment
from portal.policy_system.models import ImportRecord, PolicyConnection
from portal.policy_system.receipt_models import PolicyReceipt
from portal.policy_system.receipts import BILLED_THERE, METHODS, Change, Share, Source, Standing, changes, external_id

DELIVER = "policy_system.receipt"
"""Kind of the outbox rows that make or void a receipt."""
REFUSED = "payment.receipt_refused"
"""The staff task of a receipt that the policy system does not take, or does not give up."""
LOOK_BACK = timedelta(days=60)
"""So long after a payout its receipts are looked for; those that there are are compared for ever."""
AT_ONCE = 500
PROCESSOR_FAILED = "payout_failure"


@dataclass(frozen=True, slots=True)
class Money:
    """A payment, or a lender's money, that has reached the agency's bank."""

    source: Source
    id: int
    reference: str
    method: str
    received_on: date


def billed_there() -> ColumnElement[bool]:
    """Invoices of programs that the policy system has billed too."""
    programs = select(ImportRecord.program_id).where(ImportRecord.program_id.is_not(None))
    return and_(Invoice.kind.in_(BILLED_THERE), Invoice.program_id.in_(programs))


def due_payments(session: Scoped, connection: PolicyConnection, at: datetime) -> list[int]:
    """Payments at the bank without a receipt, and those whose receipts no longer say what they still pay."""
    kept = Claim.amount_cents - Claim.taken_back_cents
    live = select(PolicyReceipt.id).where(
        PolicyReceipt.source == "payment", PolicyReceipt.source_id == Payment.id, PolicyReceipt.state != "voided"
    )
    paid_out = (
        select(BalanceTransaction.entry_ref)
        .join(ProcessorPayout, ProcessorPayout.payout_id == BalanceTransaction.payout_id)
        .where(
            BalanceTransaction.entry_kind == "charge",
            ProcessorPayout.state.in_(("paid", "failed")),
            ProcessorPayout.created_at >= at - LOOK_BACK,
        )
    )
    cleared = select(JournalEntry.ref).where(
        JournalEntry.kind == "check_cleared", JournalEntry.booked_on >= (at - LOOK_BACK).date()
    )
    at_bank: list[ColumnElement[bool]] = [cast(Payment.id, String).in_(paid_out)]
    if connection.sends_offline_receipts:
        at_bank.append(and_(Payment.kind == "offline", cast(Payment.id, String).in_(cleared)))
    new = (
        select(Payment.id)
        .distinct()
        .join(Claim, Claim.payment_id == Payment.id)
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .where(Payment.state == "succeeded", Claim.state == "consumed", kept > 0, billed_there(), or_(*at_bank))
        .where(~live.exists())
    )
    total = (
        select(func.coalesce(func.sum(kept), 0))
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .where(Claim.payment_id == PolicyReceipt.source_id, Claim.state.in_(("consumed", "reversed")), billed_there())
        .scalar_subquery()
    )
    differs = (
        select(PolicyReceipt.source_id)
        .where(PolicyReceipt.source == "payment", PolicyReceipt.state.in_(("wanted", "refused", "made")))
        .group_by(PolicyReceipt.source_id)
        .having(func.sum(PolicyReceipt.amount_cents) != total)
    )
    found = {*session.scalars(new.limit(AT_ONCE)), *session.scalars(differs.limit(AT_ONCE))}
    return sorted(found)[:AT_ONCE]


def due_fundings(session: Scoped) -> list[int]:
    """Loans of imported programs whose lender's money has come, without a receipt."""
    known = select(PolicyReceipt.id).where(PolicyReceipt.source == "funding", PolicyReceipt.source_id == Loan.id)
    programs = select(ImportRecord.program_id).where(ImportRecord.program_id.is_not(None))
    query = select(Loan.id).where(Loan.funded_on.is_not(None), Loan.program_id.in_(programs), ~known.exists())
    return list(session.scalars(query.order_by(Loan.id).limit(AT_ONCE)))


def plan_payment(session: Scoped, payment_id: int, at: datetime) -> int:
    """Put on its way what has to change about a payment's receipts; says how much.

    Args:
        session: a write unit.
    """
    payment = session.scalars(select(Payment).where(Payment.id == payment_id).with_for_update()).one()
    query = (
        select(Claim.invoice_id, Claim.amount_cents - Claim.taken_back_cents, Invoice.partner_id, Invoice.insured_id)
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .where(Claim.payment_id == payment_id, Claim.state.in_(("consumed", "reversed")), billed_there())
        .order_by(Claim.id)
    )
    shares = [
        Share(f"partner:{partner_id}" if partner_id else f"insured:{insured_id}", invoice_id, cents)
        for invoice_id, cents, partner_id, insured_id in session.execute(query)
    ]
    known = _standing(session, "payment", payment_id)
    received_on = _received_on(session, payment)
    if received_on is None:
        # It has left the bank again, or was never there: what was made stays until the money is known to be gone.
        shares = [share for share in shares if any(each.party == share.party for each in known)]
    method = METHODS.get(payment.method_kind, "ach")
    money = Money("payment", payment.id, payment.reference, method, received_on or at.date())
    return _put_on_its_way(session, money, changes(shares, known), at)


def plan_funding(session: Scoped, loan_id: int, at: datetime) -> int:
    """Put the receipt of a lender's money on its way."""
    loan = session.scalars(select(Loan).where(Loan.id == loan_id).with_for_update()).one()
    invoice = session.scalars(select(Invoice).where(Invoice.id == loan.financed_invoice_id)).one()
    if loan.funded_on is None or not loan.funded_cents:
        return 0
    shares = [Share(f"insured:{invoice.insured_id}", invoice.id, loan.funded_cents)]
    money = Money("funding", loan.id, f"L-{loan.number}", "wire", loan.funded_on)
    return _put_on_its_way(session, money, changes(shares, _standing(session, "funding", loan_id)), at)


def _standing(session: Scoped, source: Source, source_id: int) -> list[Standing]:
    query = select(PolicyReceipt).where(
        PolicyReceipt.source == source, PolicyReceipt.source_id == source_id, PolicyReceipt.state != "voided"
    )
    rows = session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    return [Standing(row.id, row.party, row.state, tuple((one, cents) for one, cents in row.parts)) for row in rows]


def _received_on(session: Scoped, payment: Payment) -> date | None:
    """The day on which a payment was at the bank; None while it is not."""
    if payment.kind == "offline":
        query = select(JournalEntry.booked_on).where(
            JournalEntry.kind == "check_cleared", JournalEntry.ref == str(payment.id)
        )
        return session.scalar(query)
    payout_id = session.scalar(
        select(BalanceTransaction.payout_id).where(
            BalanceTransaction.entry_kind == "charge", BalanceTransaction.entry_ref == str(payment.id)
        )
    )
    seen: set[str] = set()
    while payout_id and payout_id not in seen:
        seen.add(payout_id)
        payout = session.scalars(select(ProcessorPayout).where(ProcessorPayout.payout_id == payout_id)).one_or_none()
        if payout is None or payout.state == "paid":
            return payout.arrives_on if payout else None
        # What the bank sent back leaves with a later payout.
        payout_id = session.scalar(
            select(BalanceTransaction.payout_id).where(
                BalanceTransaction.kind == PROCESSOR_FAILED, BalanceTransaction.source_id == payout_id
            )
        )
    return None


def _put_on_its_way(session: Scoped, money: Money, wanted: Sequence[Change], at: datetime) -> int:
    done = 0
    for change in wanted:
        if change.voids is not None:
            done += 1
            if change.voids.state == "made":
                _move(session, change.voids.id, "made", "voiding", at)
                enqueue(session, DELIVER, f"{change.voids.id}:void", {"receipt_id": change.voids.id}, at)
                continue  # what remains is a receipt anew, once this one is void
            _move(session, change.voids.id, change.voids.state, "voided", at)
            stale = session.scalars(select(PolicyReceipt).where(PolicyReceipt.id == change.voids.id)).one()
            settle_task(session, REFUSED, task_ref(stale), "It is not wanted any more.", at)
        if change.parts:
            done += 1
            _want(session, money, change, at)
    return done


def _want(session: Scoped, money: Money, change: Change, at: datetime) -> None:
    of_source = PolicyReceipt.source == money.source, PolicyReceipt.source_id == money.id
    number = (session.scalar(select(func.count(PolicyReceipt.id)).where(*of_source)) or 0) + 1
    row = PolicyReceipt(
        source=money.source,
        source_id=money.id,
        party=change.party,
        external_id=external_id(money.reference, number),
        amount_cents=sum(cents for _, cents in change.parts),
        parts=[list(part) for part in change.parts],
        received_on=money.received_on,
        method=money.method,
        reference=money.reference,
        state="wanted",
        receipt_id=None,
        wanted_at=at,
        changed_at=at,
    )
    session.add(row)
    session.flush()
    enqueue(session, DELIVER, f"{row.id}:make", {"receipt_id": row.id}, at)
    record(session, SYSTEM, "policy_receipt.wanted", money.source, money.id, at, amount_cents=row.amount_cents)


def task_ref(receipt: PolicyReceipt) -> str:
    """What staff's task about a receipt is called."""
    about = receipt.source_id if receipt.source == "payment" else receipt.source
    return f"{about}:{receipt.external_id}"


def _move(session: Scoped, receipt_id: int, old: str, new: str, at: datetime) -> None:
    """Raises AssertionError when the row is not as it was: it is held by the unit."""
    moved = (
        update(PolicyReceipt)
        .where(PolicyReceipt.id == receipt_id, PolicyReceipt.state == old)
        .values(state=new, changed_at=at)
        .execution_options(synchronize_session=False)
    )
    assert session.execute(moved).rowcount == 1  # type: ignore[attr-defined]


def plan_all(session: Scoped, payment_ids: Iterable[int], loan_ids: Iterable[int], at: datetime) -> int:
    """Put on its way what has to change about several; says how much."""
    payments = sum(plan_payment(session, payment_id, at) for payment_id in payment_ids)
    return payments + sum(plan_funding(session, loan_id, at) for loan_id in loan_ids)
