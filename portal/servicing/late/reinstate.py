"""Offer to reinstate a program that was canceled for non-payment: paid within 30 days, it goes on."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal.core.audit import SYSTEM, Actor, record
from portal.core.errors import Conflict, NotFound
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.late.canceled import owed_when_canceled
from portal.financing.late.models import Reinstatement
from portal.financing.late.terms import late_terms
from portal.financing.models import Loan
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice, void_invoice
from portal.invoices.models import Invoice
from portal.payments.claims import held_invoices
from portal.programs.models import Program
from portal.servicing.late.coverage_news import tell_insured

VALID_FOR = timedelta(days=30)


def past_due_when_canceled(session: Scoped, loan_id: int, today: date) -> dict[int, tuple[date, int]]:
    """The installments of a canceled loan that are due by a day: invoice -> its day and what was open."""
    owed = owed_when_canceled(session, loan_id)
    query = select(Invoice.id, Invoice.due_date).where(Invoice.id.in_(owed), Invoice.due_date <= today)
    return {row.id: (row.due_date, owed[row.id]) for row in session.execute(query.order_by(Invoice.id))}


def offer_reinstatement(session: Scoped, program_id: int, actor: Actor, today: date, at: datetime) -> Reinstatement:
    """Bill what brings the loan current; nothing is in force before it is paid.

    Raises:
        NotFound: no such program.
        Conflict: it is not canceled for non-payment, or it is offered already.
    """
    query = select(Program).where(Program.id == program_id).with_for_update()
    program = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if program is None:
        raise NotFound
    loan = canceled_loan(session, program)
    if loan is None:
        raise Conflict(text("This program was not canceled for non-payment."))
    if live_offer(session, program_id) is not None:
        raise Conflict(text("It is offered already."))
    due = past_due_when_canceled(session, loan.id, today)
    past_due_cents, fee_cents = sum(cents for _, cents in due.values()), late_terms(session).reinstatement_fee_cents
    lines = [
        LineDraft("past_due", "Past-due installments", past_due_cents),
        LineDraft("reinstatement_fee", "Reinstatement fee", fee_cents),
    ]
    expires_on = today + VALID_FOR
    invoice = issue_invoice(
        session,
        InvoiceDraft(
            insured_id=program.insured_id,
            kind="reinstatement",
            lines=[line for line in lines if line.amount_cents],
            issued_on=today,
            due_date=expires_on,
            program_id=program.id,
            partner_id=program.paying_partner_id,
            contact_email=program.contact_email,
        ),
        at,
    )
    offer = Reinstatement(
        program_id=program.id,
        loan_id=loan.id,
        invoice_id=invoice.id,
        through=max(day for day, _ in due.values()),
        past_due_cents=past_due_cents,
        fee_cents=fee_cents,
        offered_on=today,
        offered_by=actor.name,
        expires_on=expires_on,
    )
    session.add(offer)
    session.flush()
    tell_insured(session, "reinstatement", program, str(offer.id), at)
    cents = invoice.total_cents
    record(session, actor, "reinstatement.offered", "program", program.id, at, loan=loan.number, amount_cents=cents)
    session.flush()
    return offer


def withdraw_reinstatement(session: Scoped, program_id: int, actor: Actor, today: date, at: datetime) -> None:
    """Take the offer back.

    Raises:
        Conflict: there is none, something of it is paid, or a payment is under way.
    """
    offer = live_offer(session, program_id)
    if offer is None or not _close(session, offer, "withdrawn", today, at):
        raise Conflict(text("It cannot be taken back: it is closed, partly paid, or a payment is under way."))
    record(session, actor, "reinstatement.withdrawn", "program", program_id, at)


def lapse_reinstatements(session: Scoped, today: date, at: datetime) -> None:
    """Close the offers whose last day has passed; one that is being paid waits, one paid in part is for staff."""
    query = select(Reinstatement).where(Reinstatement.closed_at.is_(None), Reinstatement.expires_on < today)
    for offer in session.scalars(query.order_by(Reinstatement.id)).all():
        if _close(session, offer, "lapsed", today, at):
            record(session, SYSTEM, "reinstatement.lapsed", "program", offer.program_id, at)
        elif not held_invoices(session, [offer.invoice_id]):
            open_task(session, "reinstatement.part_paid", str(offer.program_id), at)
    session.flush()


def live_offer(session: Scoped, program_id: int) -> Reinstatement | None:
    """The offer that can be paid, if there is one."""
    query = select(Reinstatement).where(Reinstatement.program_id == program_id, Reinstatement.closed_at.is_(None))
    return session.scalars(query).one_or_none()


def offers_of(session: Scoped, program_id: int) -> Sequence[Reinstatement]:
    """All offers of a program, the newest first."""
    query = select(Reinstatement).where(Reinstatement.program_id == program_id)
    return session.scalars(query.order_by(Reinstatement.id.desc())).all()


def canceled_loan(session: Scoped, program: Program) -> Loan | None:
    """The loan of a program that was canceled for non-payment; None for any other program."""
    if program.canceled_on is None:
        return None
    query = select(Loan).where(Loan.program_id == program.id, Loan.state == "canceled").order_by(Loan.id.desc())
    return session.scalars(query.limit(1)).first()


def _close(session: Scoped, offer: Reinstatement, closed_for: str, today: date, at: datetime) -> bool:
    """Void its invoice and close it, unless money has come or is coming."""
    query = select(Invoice).where(Invoice.id == offer.invoice_id).with_for_update()
    invoice = session.scalars(query.execution_options(populate_existing=True)).one()
    is_untouched = invoice.state == "open" and invoice.open_cents == invoice.total_cents
    if not is_untouched or held_invoices(session, [invoice.id]):
        return False
    void_invoice(session, invoice, today, at)
    offer.closed_at, offer.closed_for = at, closed_for
    session.flush()
    return True
