"""The mails that follow a dispute or a return, from their outbox rows."""

from datetime import datetime

from sqlalchemy import func, select

from portal.access.permissions import Permission, may
from portal.agencies.found import ROLES
from portal.agencies.models import Agency, StaffMember
from portal.core.clock import local_date
from portal.core.outbox import enqueue
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.documents.filled import LANDED, letterhead_of
from portal.documents.letterhead import Line
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.jobs.check_mail import pay_again_url
from portal.jobs.payment_mails import UrlFor
from portal.notices.dispute import Returned, payment_returned
from portal.notices.dispute_news import DisputedPayment, News, dispute_news
from portal.notices.message import Message, Recipient
from portal.notices.staff_dispute import Disputed, staff_dispute
from portal.payments.method_name import method_name
from portal.payments.models import Claim, Payment
from portal.payments.money_back.models import CreditEntry, Dispute
from portal.payments.money_back.rules import DISPUTE_BLOCKS
from portal.reference.bank_returns import return_message

DISPUTE_OPENED = "mail.dispute_opened"
DISPUTE_STAFF = "mail.dispute_staff"
DISPUTE_NEWS = "mail.dispute_news"
PAYMENT_RETURNED = "mail.payment_returned"


def fan_out(session: Scoped, dispute_id: int, matter: str, at: datetime) -> None:
    """One outbox row for each staff member who may move money.

    Args:
        matter: returned, inquiry or dispute: an inquiry can become a dispute, which is news of its own.
    """
    roles = [role for role in ROLES if may(role, Permission.MOVE_MONEY)]
    query = select(StaffMember.id).where(StaffMember.is_active, StaffMember.role.in_(roles)).order_by(StaffMember.id)
    payment_id = session.scalar(select(Dispute.payment_id).where(Dispute.id == dispute_id))
    for staff_id in session.scalars(query).all():
        payload = {"dispute_id": dispute_id, "matter": matter, "staff_id": staff_id, "payment_id": payment_id}
        enqueue(session, DISPUTE_STAFF, f"{dispute_id}:{matter}:{staff_id}", payload, at)


def staff_message(
    session: Scoped, agency: Agency, dispute_id: int, matter: str, staff_id: int, url_for: UrlFor
) -> Message | None:
    """What has happened, and where to look; None for somebody who has left meanwhile."""
    member = session.scalars(select(StaffMember).where(StaffMember.id == staff_id)).one()
    if not member.is_active:
        return None
    dispute, payment = _about(session, dispute_id)
    about = Disputed(
        kind=matter,
        amount_cents=dispute.amount_cents,
        payer=payment.payer_name or payment.payer_email,
        reference=payment.reference,
        method=method_name(payment.method_brand, payment.method_last4),
        due_on=local_date(dispute.evidence_due_at, agency.time_zone) if dispute.evidence_due_at else None,
    )
    recipient = Recipient(member.email, member.name, agency.locale)
    return staff_dispute(recipient, letterhead_of(agency), about, matter_url=url_for("admin.attention"))


def returned_message(session: Scoped, agency: Agency, dispute_id: int, url_for: UrlFor) -> Message | None:
    """What came back and where to pay it, to the payer; None without an address, or if all is paid meanwhile."""
    dispute, payment = _about(session, dispute_id)
    rows = [row for row in _invoices(session, payment.id) if row[2] == "reversed"]
    still_open = [invoice for invoice, *_ in rows if invoice.state == "open"]
    if not payment.payer_email or not still_open:
        return None
    debit = Returned(
        amount_cents=dispute.amount_cents,
        method=method_name(payment.method_brand, payment.method_last4),
        returned_on=local_date(dispute.opened_at, agency.time_zone),
        reason=return_message(dispute.network_code or dispute.reason),
        lines=_lines(rows),
        open_cents=sum(invoice.open_cents for invoice in still_open),
    )
    recipient = Recipient(payment.payer_email, payment.payer_name, payment.payer_locale)
    pay_url = pay_again_url(session, still_open, url_for)
    return payment_returned(recipient, letterhead_of(agency), debit, pay_url=pay_url)


def payer_message(session: Scoped, agency: Agency, dispute_id: int, news: News, url_for: UrlFor) -> Message | None:
    """What a dispute means for what was paid, to the payer; None without an address, or when it is no longer so."""
    dispute, payment = _about(session, dispute_id)
    is_so = dispute.status == news if news != "opened" else dispute.status in DISPUTE_BLOCKS - {"lost"}
    if not payment.payer_email or not is_so:
        return None
    rows = _invoices(session, payment.id)
    still_open = [invoice for invoice, *_ in rows if invoice.state == "open"]
    credit = select(func.coalesce(func.sum(CreditEntry.cents), 0)).where(
        CreditEntry.payment_id == payment.id, CreditEntry.kind.in_(["dispute_withdrawn", "dispute_reinstated"])
    )
    about = DisputedPayment(
        news=news,
        amount_cents=dispute.amount_cents,
        method=method_name(payment.method_brand, payment.method_last4),
        reference=payment.reference,
        paid_on=local_date(payment.succeeded_at or payment.changed_at, agency.time_zone),
        lines=_lines(rows),
        open_cents=sum(invoice.open_cents for invoice in still_open),
        credit_cents=max(session.scalar(credit) or 0, 0),
    )
    recipient = Recipient(payment.payer_email, payment.payer_name, payment.payer_locale)
    pay_url = pay_again_url(session, still_open, url_for) if still_open else ""
    view_url = url_for("paying.status", token=payment.token)
    return dispute_news(recipient, letterhead_of(agency), about, pay_url=pay_url, view_url=view_url)


def _invoices(session: Scoped, payment_id: int) -> list[tuple[Invoice, int, str]]:
    """What a payment paid or had paid: invoice, cents, and what became of its claim."""
    query = (
        select(Invoice, Claim.amount_cents, Claim.state)
        .join(Claim, Claim.invoice_id == Invoice.id)
        .where(Claim.payment_id == payment_id, Claim.state.in_(LANDED))
        .order_by(Invoice.due_date, Invoice.id)
    )
    return list(session.execute(query))


def _lines(rows: list[tuple[Invoice, int, str]]) -> tuple[Line, ...]:
    return tuple(
        Line(invoice_title(invoice.kind, invoice.description), cents, text("Invoice %(number)s", number=invoice.number))
        for invoice, cents, _ in rows
    )


def _about(session: Scoped, dispute_id: int) -> tuple[Dispute, Payment]:
    query = select(Dispute, Payment).join(Payment, Payment.id == Dispute.payment_id).where(Dispute.id == dispute_id)
    return session.execute(query).one()
