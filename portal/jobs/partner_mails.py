"""The mails to partners about their money, from their outbox rows."""

from datetime import date

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.documents.filled import letterhead_of
from portal.documents.rendering import DocumentRenderer
from portal.jobs.payment_mails import UrlFor
from portal.notices.message import Message, Recipient
from portal.notices.partner_remittance import partner_remittance
from portal.notices.partner_statement import partner_overdue, partner_statement
from portal.partners.models import Partner, PartnerUser
from portal.statements.monthly import OVERDUE_MAIL as OVERDUE
from portal.statements.monthly import STATEMENT_MAIL as STATEMENT
from portal.statements.monthly import overdue_of
from portal.statements.partner_payouts import find_payout
from portal.statements.remittances import remittance
from portal.statements.statement_pages import find_statement, statement_document

REMITTANCE = "mail.partner_remittance"
__all__ = ["OVERDUE", "REMITTANCE", "STATEMENT", "contact_of"]


def remittance_message(
    session: Scoped, agency: Agency, payout_id: int, url_for: UrlFor, renderer: DocumentRenderer
) -> Message:
    """A payout is paid, with its report."""
    payout = find_payout(session, payout_id)
    recipient = contact_of(session, payout.partner_id)
    said = remittance(session, agency, payout_id, recipient.locale)
    url = url_for("partner.commissions", partner_id=payout.partner_id)
    return partner_remittance(recipient, said, pdf=renderer.render(said), view_url=url)


def contact_of(session: Scoped, partner_id: int) -> Recipient:
    """The partner's contact, in their own language where they sign in."""
    partner = session.scalars(select(Partner).where(Partner.id == partner_id)).one()
    locale = session.scalar(
        select(PartnerUser.locale).where(
            PartnerUser.partner_id == partner_id, PartnerUser.email == partner.contact_email
        )
    )
    name = f"{partner.contact_first_name} {partner.contact_last_name}".strip()
    return Recipient(partner.contact_email, name, locale or "en_US")


def statement_message(
    session: Scoped, agency: Agency, statement_id: int, url_for: UrlFor, renderer: DocumentRenderer
) -> Message:
    """The month's statement."""
    row = find_statement(session, statement_id)
    recipient = contact_of(session, row.partner_id)
    said = statement_document(session, agency, row, recipient.locale)
    url = url_for("partner.statement", partner_id=row.partner_id, statement_id=row.id)
    return partner_statement(recipient, said, pdf=renderer.render(said), view_url=url)


def overdue_message(session: Scoped, agency: Agency, partner_id: int, today: date, url_for: UrlFor) -> Message | None:
    """What is overdue; None when it has been paid meanwhile."""
    count, cents = overdue_of(session, partner_id, today)
    if not count:
        return None
    url = url_for("partner.home", partner_id=partner_id)
    return partner_overdue(
        contact_of(session, partner_id), letterhead_of(agency), count=count, cents=cents, view_url=url
    )
