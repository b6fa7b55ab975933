"""Where an insured is signed in, for staff: how many browsers there are, and ending them all."""

from datetime import datetime

from sqlalchemy import select

from portal.access.open_sessions import end_all, open_sessions
from portal.core.audit import Actor, record
from portal.core.errors import NotFound
from portal.core.outbox import enqueue
from portal.core.tenancy import Scoped
from portal.insureds.models import Insured, InsuredEmail

MAIL_SIGNED_OUT = "mail.signed_out"


def browsers_of_insured(session: Scoped, insured_id: int, at: datetime) -> int:
    """In how many browsers somebody is signed in with an address of this insured."""
    return sum(len(open_sessions(session, email, at)) for _, email in _addresses(session, insured_id))


def sign_insured_out(session: Scoped, insured_id: int, actor: Actor, at: datetime) -> None:
    """End every session of the insured's addresses, and tell those that had one.

    Args:
        session: a write unit.

    Raises:
        NotFound: the agency has no such insured.
    """
    if session.scalar(select(Insured.id).where(Insured.id == insured_id)) is None:
        raise NotFound
    for email_id, email in _addresses(session, insured_id):
        if end_all(session, email, actor, at):
            enqueue(session, MAIL_SIGNED_OUT, f"{email_id}:{at.timestamp():.6f}", {"email_id": email_id}, at)
    record(session, actor, "insured.signed_out", "insured", insured_id, at)


def _addresses(session: Scoped, insured_id: int) -> list[tuple[int, str]]:
    query = select(InsuredEmail.id, InsuredEmail.email).where(InsuredEmail.insured_id == insured_id)
    return list(session.execute(query.order_by(InsuredEmail.id)))
