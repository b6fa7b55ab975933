"""The mails about a change of address, from their outbox rows."""

from collections.abc import Callable
from datetime import datetime

from portal.access.email_change import Side, mail_link
from portal.access.models import EmailChange
from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.documents.filled import letterhead_of
from portal.notices.email_change import address_changed, confirm_address
from portal.notices.message import Message, Recipient


def asked_message(
    session: Scoped, secret: str, agency: Agency, change_id: int, side: Side, url_for: Callable[..., str], at: datetime
) -> Message | None:
    """The mail that asks one mailbox; None when the change is over meanwhile.

    Args:
        session: a read unit.
        secret: the deployment's; the link is derived from it.
        url_for: makes the absolute address of an endpoint in the agency's portal.
        at: now.
    """
    change = session.get_one(EmailChange, change_id)
    if change.ended_at is not None or change.expires_at <= at:
        return None
    link = url_for("account.email_link", token=mail_link(secret, change, side))
    return confirm_address(
        _recipient(change, side),
        letterhead_of(agency),
        old=change.old_email,
        new=change.new_email,
        is_new=side == "new",
        link=link,
    )


def done_message(session: Scoped, agency: Agency, change_id: int, side: Side, url_for: Callable[..., str]) -> Message:
    """The mail that tells one mailbox that the address was changed.

    Args:
        session: a read unit.
        url_for: makes the absolute address of an endpoint in the agency's portal.
    """
    change = session.get_one(EmailChange, change_id)
    return address_changed(
        _recipient(change, side),
        letterhead_of(agency),
        old=change.old_email,
        new=change.new_email,
        sign_in_url=url_for("insured.sign_in"),
    )


def _recipient(change: EmailChange, side: Side) -> Recipient:
    return Recipient(change.new_email if side == "new" else change.old_email, locale=change.locale)
