"""Draw up and send notices of intent to cancel, and look after those that are out; agency by agency."""

from datetime import date
from functools import partial

from sqlalchemy import select

from portal.core.clock import local_date
from portal.core.db import run_unit
from portal.core.one_by_one import one_by_one
from portal.core.tenancy import Scoped, reading, writing
from portal.financing.late.models import CancelNotice
from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency
from portal.notices.models import SentMail
from portal.servicing.late.notices import NOTICE_MAIL, TO_AGENCY, Paper, due_notices, make_notice
from portal.servicing.late.reinstate import lapse_reinstatements
from portal.servicing.late.watch import look_after_notices


def send_notices(context: JobContext) -> None:
    """Hourly, by each agency's own calendar; what was missed is made up for."""
    for_each_agency(context, lambda agency_id: send_for_agency(context, agency_id), "send_notices")


def send_for_agency(context: JobContext, agency_id: int) -> None:
    """Each notice in a unit of its own: one that cannot be made holds up no other.

    Raises:
        ExceptionGroup: some could not be made; the next hour tries again.
    """
    paper = context.paper(agency_id)
    today = local_date(context.now(), paper.agency.time_zone)
    with reading(context.engine, agency_id) as session:
        wanted = [due.program_id for due in due_notices(session, today)]
    notices = [partial(run_unit, partial(_make, context, paper, program_id)) for program_id in wanted]
    one_by_one([*notices, partial(_look_after, context, agency_id, today)])


def refused_notices(session: Scoped) -> set[int]:
    """The live notices that went by e-mail and that no address of the insured took."""
    live = select(CancelNotice.id).where(CancelNotice.closed_at.is_(None), CancelNotice.by_post.is_(False))
    refused = set()
    for notice_id in session.scalars(live).all():
        query = select(SentMail.refused).where(
            SentMail.kind == NOTICE_MAIL,
            SentMail.dedupe_key.like(f"{notice_id}:%"),
            SentMail.dedupe_key != f"{notice_id}:{TO_AGENCY}",
        )
        answers = session.scalars(query).all()
        if answers and all(answer is not None for answer in answers):
            refused.add(notice_id)
    return refused


def _look_after(context: JobContext, agency_id: int, today: date) -> None:
    with writing(context.engine, agency_id) as session:
        look_after_notices(session, today, context.now(), refused_notices(session))
        lapse_reinstatements(session, today, context.now())


def _make(context: JobContext, paper: Paper, program_id: int) -> None:
    at = context.now()
    with writing(context.engine, paper.agency.id) as session:
        make_notice(session, program_id, paper, local_date(at, paper.agency.time_zone), at)
