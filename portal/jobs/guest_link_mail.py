"""The payment link for a guest who was asked for more: one row for each address of the insured, then the mail."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from portal.access.guest_lookup import programs_asked_for
from portal.agencies.models import Agency
from portal.core.clock import local_date
from portal.core.outbox import enqueue
from portal.core.tenancy import Scoped
from portal.documents.filled import letterhead_of
from portal.insureds.models import Insured, InsuredEmail
from portal.jobs.payment_mails import UrlFor
from portal.notices.guest_link import guest_link
from portal.notices.message import Message, Recipient
from portal.programs.links import current_links, issue_link
from portal.programs.models import Program

GUEST_LINK = "mail.guest_link"


def fan_out(session: Scoped, agency: Agency, digests: Sequence[str], at: datetime) -> None:
    """One outbox row for each address of the insured, once a day; none when there is no such policy.

    Args:
        session: a write unit.
        digests: of the policy number and ZIP that were typed, exact and loose.
    """
    today = local_date(at, agency.time_zone)
    exact, loose = digests
    found = programs_asked_for(session, (exact, loose), today) if agency.guest_payments else ()
    addresses = (
        select(Program.id, InsuredEmail.id)
        .join(InsuredEmail, InsuredEmail.insured_id == Program.insured_id)
        .where(Program.id.in_(found))
    )
    for program_id, email_id in session.execute(addresses).all():
        issue_link(session, at, program_id=program_id)
        payload = {"program_id": program_id, "email_id": email_id}
        enqueue(session, GUEST_LINK, f"{program_id}:{email_id}:{today}", payload, at)


def link_message(session: Scoped, agency: Agency, program_id: int, email_id: int, url_for: UrlFor) -> Message | None:
    """The mail to one address; None when the address or the link is gone meanwhile."""
    row = session.execute(
        select(InsuredEmail.email, Insured.name, Insured.locale)
        .join(Insured, Insured.id == InsuredEmail.insured_id)
        .where(InsuredEmail.id == email_id)
    ).one_or_none()
    links = current_links(session, program_ids=[program_id])
    if row is None or not links:
        return None
    payment_url = url_for("link.pay", token=links[0].token)
    return guest_link(Recipient(row.email, row.name, row.locale), letterhead_of(agency), payment_url=payment_url)
