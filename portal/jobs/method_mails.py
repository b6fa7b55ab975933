"""Mails about saved payment methods, from their outbox rows."""

from collections.abc import Callable

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.clock import local_date
from portal.core.tenancy import Scoped
from portal.documents.filled import letterhead_of
from portal.notices.message import Message, Recipient
from portal.notices.method_news import method_news
from portal.payments.method_name import method_name
from portal.payments.methods.models import PaymentMethod
from portal.payments.methods.verifying import waiting_setup

NEWS = "mail.method_news"


def method_message(
    session: Scoped, agency: Agency, method_id: int, news: str, url_for: Callable[..., str]
) -> Message | None:
    """The mail to the owner; None when they were erased, or the deposits are typed meanwhile.

    Args:
        session: a read unit.
        news: one of `portal.payments.methods.events.News`.
        url_for: makes the absolute address of an endpoint in the agency's portal.
    """
    method = session.scalars(select(PaymentMethod).where(PaymentMethod.id == method_id)).one()
    setup = waiting_setup(session, method.id) if news == "deposits" else None
    if not method.owner_email or (news == "deposits" and setup is None):
        return None
    return method_news(
        Recipient(method.owner_email, locale=method.locale),
        letterhead_of(agency),
        news=news,
        method=method_name(method.brand, method.last4),
        methods_url=url_for("insured.methods"),
        verify_url=url_for("insured.verify_method", method_id=method.id) if setup else "",
        deposits_on=local_date(setup.deposits_on, agency.time_zone) if setup and setup.deposits_on else None,
    )
