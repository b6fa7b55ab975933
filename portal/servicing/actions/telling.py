"""News for the insured about what staff have changed: a mail to each address that works."""

from datetime import datetime

from sqlalchemy import select

from portal.core.outbox import enqueue_all
from portal.core.tenancy import Scoped
from portal.insureds.dead_addresses import dead_of
from portal.insureds.models import InsuredEmail
from portal.programs.models import Program

PROGRAM_MAIL = "mail.program_news"


def tell(session: Scoped, news: str, program: Program, ref: str, at: datetime) -> None:
    """Put the mails on their way.

    Args:
        news: a key of `notices/program_news.py`.
        ref: what it is about: once for each.
    """
    mails = [
        (
            PROGRAM_MAIL,
            f"{news}:{ref}:{email_id}",
            {"news": news, "ref": ref, "program_id": program.id, "email_id": email_id},
        )
        for email_id in told(session, program.insured_id)
    ]
    enqueue_all(session, mails, at)


def told(session: Scoped, insured_id: int) -> list[int]:
    """Ids of the insured's addresses that work."""
    query = select(InsuredEmail.id, InsuredEmail.email).where(InsuredEmail.insured_id == insured_id)
    rows = session.execute(query.order_by(InsuredEmail.id)).all()
    dead = dead_of(session, [row.email for row in rows])
    return [row.id for row in rows if row.email not in dead]
