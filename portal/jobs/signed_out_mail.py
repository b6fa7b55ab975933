"""The mail to an insured whom staff have signed out, from its outbox row."""

from collections.abc import Callable

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.documents.filled import letterhead_of
from portal.insureds.models import Insured, InsuredEmail
from portal.notices.message import Message, Recipient
from portal.notices.signed_out import signed_out


def signed_out_message(session: Scoped, agency: Agency, email_id: int, url_for: Callable[..., str]) -> Message | None:
    """The mail to one address; None when it is no longer one of the insured.

    Args:
        session: a read unit.
        url_for: makes the absolute address of an endpoint in the agency's portal.
    """
    row = session.execute(
        select(InsuredEmail.email, Insured.name, Insured.locale)
        .join(Insured, Insured.id == InsuredEmail.insured_id)
        .where(InsuredEmail.id == email_id)
    ).one_or_none()
    if row is None:
        return None
    return signed_out(Recipient(*row), letterhead_of(agency), sign_in_url=url_for("insured.sign_in"))
