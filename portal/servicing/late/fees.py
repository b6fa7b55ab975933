"""Late fees, and fees for payments that came back: charged on their day as invoices of their own, waived by staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.core.audit import SYSTEM, Actor, record
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.outbox import enqueue_all
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.late.fees import (
    DUE_AFTER,
    WAIVER_REASONS,
    failed_fee_cents,
    late_fee_cents,
    late_fee_day,
)
from portal.financing.late.models import InstallmentFee
from portal.financing.late.terms import LateTerms, late_terms
from portal.insureds.dead_addresses import dead_of
from portal.insureds.models import InsuredEmail
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoices, void_invoice
from portal.invoices.kinds import fee_description
from portal.invoices.models import Invoice
from portal.payments.claims import held_invoices
from portal.reference.late_rules import late_rule
from portal.servicing.late.installments import PastDue, must_wait, past_due
from portal.servicing.planned import Planned

BATCH = 200
LATE_FEE_MAIL = "mail.late_fee"
FEE_NAMES = {"late": "Late fee", "failed": "Returned payment fee"}
PLANNED_WORDS = {"late": text("Late fee"), "failed": text("Fee for a payment that came back")}


@dataclass(frozen=True, slots=True)
class DueFee:
    """A fee that is to be charged.

    Args:
        kind: late or failed.
        payment_id: the payment that came back; None for a late fee.
    """

    kind: str
    installment: PastDue
    cents: int
    payment_id: int | None = None


def due_fees(session: Scoped, day: date, *, limit: int | None = None) -> list[DueFee]:
    """The fees that fall due by a day and were not charged yet: late ones in order, then those of failed payments.

    None while the delay may be ours; none on programs that are canceled or archived, nor where a state says no.

    Args:
        limit: at most so many.
    """
    terms = late_terms(session)
    if must_wait(session) or not (terms.fee_is_charged or terms.failed_fee_cents):
        return []
    installments = past_due(session, day)
    charged = _charged(session, [one.invoice_id for one in installments])
    fees = [
        *_late(installments, terms, {one.installment_id for one in charged if one.kind == "late"}, day),
        *_failed(installments, terms, {one.payment_id or 0 for one in charged if one.kind == "failed"}),
    ]
    return fees[:limit]


def planned(session: Scoped, day: date) -> Sequence[Planned]:
    """What fees a day brings, for staff who look ahead; the run charges the same."""
    fees = due_fees(session, day)
    to = _addresses(session, [fee.installment.insured_id for fee in fees])
    return [
        Planned(
            step="late_fee" if fee.kind == "late" else "failed_payment_fee",
            what=PLANNED_WORDS[fee.kind],
            on=day,
            insured_id=fee.installment.insured_id,
            program_id=fee.installment.program_id,
            invoice_ids=(fee.installment.invoice_id,),
            cents=fee.cents,
            to=tuple(email for _, email in to.get(fee.installment.insured_id, ())),
        )
        for fee in fees
    ]


def charge_fees(session: Scoped, today: date, at: datetime) -> int:
    """Charge a batch of the fees that are due; says how many there were.

    Args:
        session: a write unit; a fee that another worker charges meanwhile stops it, and the next run goes on.
    """
    wanted = due_fees(session, today, limit=BATCH)
    ids = sorted({fee.installment.invoice_id for fee in wanted})
    # As they are now, and held: no payment lands meanwhile. One that began after the look above pays on its own.
    held = select(Invoice.id).where(Invoice.id.in_(ids), Invoice.state == "open").order_by(Invoice.id).with_for_update()
    still_open = set(session.scalars(held)) - held_invoices(session, ids)
    fees = [fee for fee in wanted if fee.installment.invoice_id in still_open]
    if not fees:
        return 0
    invoices = issue_invoices(session, [_draft(fee, today) for fee in fees], at)
    rows = [
        InstallmentFee(
            kind=fee.kind,
            program_id=fee.installment.program_id,
            installment_id=fee.installment.invoice_id,
            payment_id=fee.payment_id,
            invoice_id=invoice.id,
            charged_on=today,
        )
        for fee, invoice in zip(fees, invoices, strict=True)
    ]
    session.add_all(rows)
    session.flush()
    to = _addresses(session, [fee.installment.insured_id for fee in fees])
    mails = [
        (LATE_FEE_MAIL, f"{row.id}:{email_id}", {"fee_id": row.id, "email_id": email_id, "program_id": row.program_id})
        for row, fee in zip(rows, fees, strict=True)
        for email_id, _ in to.get(fee.installment.insured_id, ())
    ]
    enqueue_all(session, mails, at)
    for row, fee, invoice in zip(rows, fees, invoices, strict=True):
        action = "fee.charged_late" if row.kind == "late" else "fee.charged_failed"
        number = fee.installment.number
        record(session, SYSTEM, action, "invoice", invoice.id, at, installment=number, amount_cents=fee.cents)
    return len(fees)


def waive_fee(session: Scoped, fee_id: int, reason: str, note: str, actor: Actor, at: datetime, today: date) -> None:
    """Take a fee back: its unpaid part leaves the books.

    Args:
        reason: a key of `WAIVER_REASONS`.
        note: what staff add; it stays with the fee.

    Raises:
        NotFound: no such fee.
        BadInput: no such reason.
        Conflict: it is waived or paid already, or a payment of it is under way.
    """
    if reason not in WAIVER_REASONS:
        raise BadInput(text("Choose a reason."))
    fee = session.scalars(select(InstallmentFee).where(InstallmentFee.id == fee_id)).one_or_none()
    if fee is None:
        raise NotFound
    query = select(Invoice).where(Invoice.id == fee.invoice_id).with_for_update()
    invoice = session.scalars(query.execution_options(populate_existing=True)).one()
    if invoice.state != "open":
        raise Conflict(text("This fee is paid or waived already. What was paid can be refunded."))
    if held_invoices(session, [invoice.id]):
        raise Conflict(text("A payment of this fee is under way; wait until it is through."))
    waived_cents = invoice.open_cents
    void_invoice(session, invoice, today, at)
    fee.waived_at, fee.waived_by, fee.waived_reason, fee.waived_note = at, actor.name, reason, note
    record(session, actor, "fee.waived", "invoice", invoice.id, at, amount_cents=waived_cents, reason=reason)
    session.flush()


def _late(installments: Sequence[PastDue], terms: LateTerms, charged: set[int], day: date) -> list[DueFee]:
    fees = []
    for one in installments:
        rule = late_rule(one.us_state)
        cents = late_fee_cents(one.total_cents, one.agreed, terms, rule, is_person=one.is_person)
        due_on = late_fee_day(one.late_from, one.tries, one.agreed, terms, rule, is_on_autopay=one.is_on_autopay)
        if one.invoice_id not in charged and cents and due_on is not None and due_on <= day:
            fees.append(DueFee("late", one, cents))
    return fees


def _failed(installments: Sequence[PastDue], terms: LateTerms, charged: set[int]) -> list[DueFee]:
    """One for each payment, on the first of its installments."""
    fees, seen = [], set(charged)
    for one in installments:
        cents = failed_fee_cents(terms, late_rule(one.us_state))
        for payment_id, _ in one.unfunded:
            if cents and payment_id not in seen:
                seen.add(payment_id)
                fees.append(DueFee("failed", one, cents, payment_id))
    return fees


def _charged(session: Scoped, installment_ids: Sequence[int]) -> Sequence[InstallmentFee]:
    if not installment_ids:
        return []
    return session.scalars(select(InstallmentFee).where(InstallmentFee.installment_id.in_(installment_ids))).all()


def _draft(fee: DueFee, today: date) -> InvoiceDraft:
    name = FEE_NAMES[fee.kind]
    return InvoiceDraft(
        insured_id=fee.installment.insured_id,
        kind="late_fee",
        lines=[LineDraft("late_fee" if fee.kind == "late" else "failed_fee", name, fee.cents)],
        issued_on=today,
        due_date=today + DUE_AFTER,
        program_id=fee.installment.program_id,
        description=fee_description(name, fee.installment.description),
        contact_email=fee.installment.contact_email,
    )


def _addresses(session: Scoped, insured_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    """By insured: ids and addresses that work."""
    if not insured_ids:
        return {}
    query = select(InsuredEmail.insured_id, InsuredEmail.id, InsuredEmail.email)
    found: dict[int, list[tuple[int, str]]] = {}
    rows = session.execute(query.where(InsuredEmail.insured_id.in_(insured_ids)).order_by(InsuredEmail.id)).all()
    dead = dead_of(session, [row.email for row in rows])
    for insured_id, email_id, email in rows:
        if email not in dead:
            found.setdefault(insured_id, []).append((email_id, email))
    return found
