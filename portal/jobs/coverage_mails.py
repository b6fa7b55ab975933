"""The mails about coverage that was canceled or is back, from their outbox rows."""

from datetime import datetime

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.clock import local_date
from portal.core.tenancy import Scoped
from portal.documents.filled import letterhead_of
from portal.financing.late.models import CancelNotice, Reinstatement
from portal.financing.models import Loan
from portal.invoices.models import Invoice
from portal.jobs.check_mail import pay_again_url
from portal.jobs.late_mails import recipient_of
from portal.jobs.payment_mails import UrlFor
from portal.notices.coverage_news import CoverageNews, coverage_news
from portal.notices.message import Message
from portal.programs.models import Policy, Program
from portal.servicing.late.coverage_news import tell_insured

REINSTATED = "coverage.reinstated"


def fan_out(session: Scoped, reinstatement_id: int, at: datetime) -> None:
    """One outbox row for each address of the insured whose program is in force again."""
    offer = session.get_one(Reinstatement, reinstatement_id)
    tell_insured(session, "reinstated", session.get_one(Program, offer.program_id), str(offer.id), at)


def coverage_message(
    session: Scoped, agency: Agency, news: str, ref: int, email_id: int, url_for: UrlFor
) -> Message | None:
    """The news, to an address of the insured; None when the address is gone, or it is not so any more."""
    recipient = recipient_of(session, email_id)
    made = _canceled(session, ref) if news == "canceled" else _back(session, news, ref, agency.time_zone)
    if recipient is None or made is None:
        return None
    about, program_id = made
    url = url_for("insured.program", program_id=program_id)
    if news == "reinstatement":
        invoice = session.get_one(Invoice, session.get_one(Reinstatement, ref).invoice_id)
        url = pay_again_url(session, [invoice], url_for)
    return coverage_news(recipient, letterhead_of(agency), about, url=url)


def _canceled(session: Scoped, notice_id: int) -> tuple[CoverageNews, int] | None:
    notice = session.get_one(CancelNotice, notice_id)
    program, loan = session.get_one(Program, notice.program_id), session.get_one(Loan, notice.loan_id)
    if program.canceled_on is None:
        return None
    policies = _policies(session, program.id)
    return CoverageNews("canceled", program.name, policies, program.canceled_on, loan.number), program.id


def _back(session: Scoped, news: str, offer_id: int, zone: str) -> tuple[CoverageNews, int] | None:
    """That a program can be reinstated, or is."""
    offer = session.get_one(Reinstatement, offer_id)
    program, loan = session.get_one(Program, offer.program_id), session.get_one(Loan, offer.loan_id)
    policies = _policies(session, program.id)
    if news == "reinstatement":
        cents = offer.past_due_cents + offer.fee_cents
        about = CoverageNews(news, program.name, policies, offer.offered_on, loan.number, cents, offer.expires_on)
        return None if offer.closed_at is not None else (about, program.id)
    on = local_date(offer.closed_at, zone) if offer.closed_at else offer.offered_on
    query = select(Invoice.due_date, Invoice.open_cents).where(
        Invoice.program_id == program.id,
        Invoice.kind == "installment",
        Invoice.state == "open",
        Invoice.due_date >= on,
    )
    first = session.execute(query.order_by(Invoice.due_date).limit(1)).first()
    next_due = (first.due_date, first.open_cents) if first else None
    return CoverageNews(news, program.name, policies, on, loan.number, next_due=next_due), program.id


def _policies(session: Scoped, program_id: int) -> list[tuple[str, str]]:
    query = select(Policy).where(Policy.program_id == program_id).order_by(Policy.effective_date, Policy.id)
    return [(policy.policy_number, policy.coverage) for policy in session.scalars(query)]
