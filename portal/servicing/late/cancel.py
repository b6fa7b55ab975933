"""Cancel a program for non-payment: staff confirm it once the days of its notice are over."""

from datetime import date, datetime

from sqlalchemy import select

from portal.core.audit import Actor, record
from portal.core.errors import Conflict
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.late.canceled import cancel_loan, void_reinstatement
from portal.financing.late.landed import close_notice, named_open
from portal.financing.models import Loan
from portal.invoices.issue import void_invoice
from portal.invoices.models import Invoice
from portal.payments.autopay.ending import end_enrollment
from portal.payments.autopay.enrolled import live_enrollment
from portal.payments.claims import held_invoices
from portal.payments.money_back.credit import CreditOwner, enter_credit
from portal.programs.models import Program
from portal.servicing.late.coverage_news import tell_insured
from portal.servicing.late.installments import must_wait
from portal.servicing.late.notices import live_notice


def cancel_program(session: Scoped, notice_id: int, actor: Actor, today: date, at: datetime) -> Program:
    """Cancel the program of a notice as of today: the loan ends, what is open is void, the insured is told.

    Raises:
        NotFound: no such notice.
        Conflict: it is closed, its days are not over, what it names is paid, a payment is under way on the program, or
            payments may be unknown to us.
    """
    notice = live_notice(session, notice_id)
    if notice.pay_by is None or today <= notice.pay_by:
        raise Conflict(text("The days of this notice are not over. Nothing was canceled."))
    if must_wait(session):
        raise Conflict(text("The processor cannot be asked now, so something may be paid. Nothing was canceled."))
    program = session.get_one(Program, notice.program_id, with_for_update=True)
    # Held, in the order in which payments hold them, and as they are now: no payment starts or ends meanwhile.
    held = select(Invoice).where(Invoice.program_id == program.id).order_by(Invoice.id).with_for_update()
    invoices = session.scalars(held.execution_options(populate_existing=True)).all()
    if held_invoices(session, [invoice.id for invoice in invoices]):
        raise Conflict(
            text("A payment is under way on this program. Nothing was canceled. Wait until it has come to its end.")
        )
    if not named_open(session, notice):
        raise Conflict(text("What the notice names is paid. Nothing was canceled."))
    for invoice in invoices:
        if invoice.kind == "reinstatement" and invoice.state == "open":
            void_reinstatement(session, invoice, today, at)
    loan = session.get_one(Loan, notice.loan_id, with_for_update=True)
    ref, credit_cents = cancel_loan(session, loan, today, at)
    enter_credit(
        session, "loan_canceled", ref, credit_cents, today, at, owner=CreditOwner(insured_id=program.insured_id)
    )
    for invoice in invoices:
        if invoice.state == "open":
            void_invoice(session, invoice, today, at)
    program.canceled_on = today
    enrollment = live_enrollment(session, program.id)
    if enrollment is not None:
        end_enrollment(session, enrollment, "program", actor, at)
    close_notice(session, notice, "canceled", actor.name, at)
    tell_insured(session, "canceled", program, str(notice.id), at)
    record(
        session,
        actor,
        "program.canceled",
        "program",
        program.id,
        at,
        notice=notice.number,
        loan=loan.number,
        canceled_on=today.isoformat(),
    )
    session.flush()
    return program
