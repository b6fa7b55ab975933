"""News about coverage for the insured: canceled, can be reinstated, reinstated. A mail to each address that works."""

from datetime import datetime

from sqlalchemy import select

from portal.core.outbox import enqueue_all
from portal.core.tenancy import Scoped
from portal.insureds.dead_addresses import dead_of
from portal.insureds.models import InsuredEmail
from portal.programs.models import Program

COVERAGE_MAIL = "mail.coverage_news"


def tell_insured(session: Scoped, news: str, program: Program, ref: str, at: datetime) -> None:
    """Put the mails on their way, in the unit that makes the news true.

    Args:
        news: canceled, reinstatement or reinstated.
        ref: the notice or the reinstatement: once for each.
    """
    query = select(InsuredEmail.id, InsuredEmail.email).where(InsuredEmail.insured_id == program.insured_id)
    rows = session.execute(query.order_by(InsuredEmail.id)).all()
    dead = dead_of(session, [row.email for row in rows])
    mails = [
        (
            COVERAGE_MAIL,
            f"{news}:{ref}:{row.id}",
            {"news": news, "ref": ref, "program_id": program.id, "email_id": row.id},
        )
        for row in rows
        if row.email not in dead
    ]
    enqueue_all(session, mails, at)
