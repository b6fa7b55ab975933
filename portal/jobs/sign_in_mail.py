"""The sign-in mail, from its outbox row: only here is it found out whether the agency knows the address."""

from collections.abc import Callable
from datetime import datetime

from portal.access.sign_in import sign_in_mail
from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.documents.filled import letterhead_of
from portal.notices.message import Message, Recipient
from portal.notices.sign_in import sign_in


def sign_in_message(
    session: Scoped, secret: str, agency: Agency, challenge_id: int, link_to: Callable[[str], str], at: datetime
) -> Message | None:
    """The mail of a challenge, or None: an address the agency does not know, a challenge used or too old.

    Args:
        session: a read unit.
        secret: the deployment's.
        challenge_id: from the row's payload.
        link_to: makes the absolute address of `insured.sign_in_link` for a token.
        at: now.
    """
    mail = sign_in_mail(session, secret, challenge_id, at)
    if mail is None:
        return None
    recipient = Recipient(mail.email, locale=mail.locale)
    return sign_in(recipient, letterhead_of(agency), link=link_to(mail.link_token), code=mail.code)
