"""Notices that go by post: printed for the day on which they are mailed, and marked when they were."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from portal.core.audit import Actor, record
from portal.core.errors import BadInput, Conflict
from portal.core.staff_tasks import settle_task
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.late.landed import PRINT
from portal.financing.late.models import CancelNotice
from portal.servicing.late.notices import Paper, draw, ends_on, enqueue_mails, live_notice


def to_print(session: Scoped) -> Sequence[CancelNotice]:
    """What waits to be mailed, the oldest first."""
    query = select(CancelNotice).where(
        CancelNotice.closed_at.is_(None),
        CancelNotice.confirmed_at.is_not(None),
        CancelNotice.by_post,
        CancelNotice.sent_on.is_(None),
    )
    return session.scalars(query.order_by(CancelNotice.id)).all()


def print_notices(
    session: Scoped, notice_ids: Sequence[int], mail_on: date, paper: Paper, actor: Actor, today: date, at: datetime
) -> list[bytes]:
    """Their PDFs for a day of mailing, which stands on them with the day it follows by which to pay.

    Raises:
        BadInput: none was chosen, or the day has passed.
        Conflict: one is closed, or paid meanwhile: nothing was printed.
    """
    if not notice_ids:
        raise BadInput(text("Choose at least one notice."))
    if mail_on < today:
        raise BadInput(text("The day on which they are mailed has passed."))
    pdfs = []
    for notice_id in sorted(notice_ids):
        notice = _waiting(session, notice_id)
        pdfs.append(draw(session, notice, paper, mail_on, at))
        day = mail_on.isoformat()
        record(session, actor, "notice.printed", "program", notice.program_id, at, notice=notice.number, mail_on=day)
    session.flush()
    return pdfs


def mark_mailed(
    session: Scoped, notice_ids: Sequence[int], mailed_on: date, actor: Actor, today: date, at: datetime
) -> None:
    """They were mailed: their clocks run from that day, and end on the day that stands on them.

    Raises:
        BadInput: none was chosen, or the day has not come.
        Conflict: one is not printed, is closed, or was mailed later than it says: it has to be printed again.
    """
    if not notice_ids:
        raise BadInput(text("Choose at least one notice."))
    if mailed_on > today:
        raise BadInput(text("The day on which they were mailed has not come yet."))
    for notice_id in sorted(notice_ids):
        notice = _waiting(session, notice_id)
        if notice.mail_on is None:
            raise Conflict(text("%(number)s is not printed yet.", number=notice.number))
        if mailed_on > notice.mail_on:
            raise Conflict(
                text(
                    "%(number)s says that it is mailed on %(day)s. It was mailed later, so it gives too few days: "
                    "print and mail it again.",
                    number=notice.number,
                    day=notice.mail_on,
                )
            )
        notice.sent_on, notice.pay_by = mailed_on, ends_on(notice, notice.mail_on)
        settle_task(session, PRINT, str(notice.id), "mailed", at)
        enqueue_mails(session, notice, at)
        pay_by = notice.pay_by.isoformat()
        record(session, actor, "notice.sent", "program", notice.program_id, at, notice=notice.number, pay_by=pay_by)
    session.flush()


def _waiting(session: Scoped, notice_id: int) -> CancelNotice:
    notice = live_notice(session, notice_id)
    if notice.confirmed_at is None or not notice.by_post or notice.sent_on is not None:
        raise Conflict(text("%(number)s does not wait to be mailed.", number=notice.number))
    return notice
