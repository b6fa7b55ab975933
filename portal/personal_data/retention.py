"""How long records are kept that nobody needs for ever: a default for each kind, or an agency's own number of days.

Kept for good: programs, invoices, payments and books (23 NYCRR 500.06 asks for five years of records of money, premium
finance laws for six), and the audit. What an insured asks to be erased goes by `erase.py` at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import UniqueConstraint, delete, or_, select, update
from sqlalchemy.orm import Mapped

from portal.access.guest_breaker import GuestHour
from portal.access.models import ApiAnswer, EmailChange, SignInChallenge, SignInSession, Try
from portal.core.db import Base
from portal.core.errors import BadInput
from portal.core.files import StoredFile
from portal.core.outbox import OutboxRow
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import Scoped, Tenant, Unscoped, tenant_table
from portal.core.text import text
from portal.notices.models import SentMail
from portal.payments.check_image import KIND
from portal.payments.models import CheckImage, GatewayEvent
from portal.policy_system.models import ImportRecord, PolicyEvent, SyncRun

BATCH = 500
LONGEST_DAYS = 3_650
EVENTS = timedelta(days=90)
"""How long processor events are kept after they were worked: longer than the processor can send one again (30 days)."""


class Retention(Tenant, Base):
    """An agency's own number of days for one kind of record."""

    __tablename__ = "retention"
    __table_args__ = tenant_table(UniqueConstraint("agency_id", "kind"))

    kind: Mapped[str]
    days: Mapped[int]


Forget = Callable[[Scoped, datetime], int]
"""Forgets one batch of what is older than a moment; says how many there were."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record.

    Args:
        days: kept for so long unless the agency says otherwise.
        least_days: the portal itself needs them for so long.
        forget: forgets a batch.
    """

    days: int
    least_days: int
    forget: Forget


def _challenges(session: Scoped, before: datetime) -> int:
    old = select(SignInChallenge.id).where(SignInChallenge.created_at < before).limit(BATCH)
    ids = session.scalars(old).all()
    session.execute(delete(SignInChallenge).where(SignInChallenge.id.in_(ids)).execution_options(**_PLAIN))
    return len(ids)


def _email_changes(session: Scoped, before: datetime) -> int:
    """The audit goes on to say that an address was changed."""
    ids = session.scalars(select(EmailChange.id).where(EmailChange.expires_at < before).limit(BATCH)).all()
    session.execute(delete(EmailChange).where(EmailChange.id.in_(ids)).execution_options(**_PLAIN))
    return len(ids)


def _sessions(session: Scoped, before: datetime) -> int:
    over = or_(SignInSession.expires_at < before, SignInSession.ended_at < before)
    ids = session.scalars(select(SignInSession.id).where(over).limit(BATCH)).all()
    session.execute(delete(SignInSession).where(SignInSession.id.in_(ids)).execution_options(**_PLAIN))
    return len(ids)


def _tries(session: Scoped, before: datetime) -> int:
    ids = session.scalars(select(Try.id).where(Try.at < before).limit(BATCH)).all()
    session.execute(delete(Try).where(Try.id.in_(ids)).execution_options(**_PLAIN))
    return len(ids)


def _guest_hours(session: Scoped, before: datetime) -> int:
    ids = session.scalars(select(GuestHour.id).where(GuestHour.hour < before).limit(BATCH)).all()
    session.execute(delete(GuestHour).where(GuestHour.id.in_(ids)).execution_options(**_PLAIN))
    return len(ids)


def _outbox(session: Scoped, before: datetime) -> int:
    ids = session.scalars(select(OutboxRow.id).where(OutboxRow.done_at < before).limit(BATCH)).all()
    session.execute(delete(OutboxRow).where(OutboxRow.id.in_(ids)).execution_options(**_PLAIN))
    return len(ids)


def _tasks(session: Scoped, before: datetime) -> int:
    ids = session.scalars(select(StaffTask.id).where(StaffTask.closed_at < before).limit(BATCH)).all()
    session.execute(delete(StaffTask).where(StaffTask.id.in_(ids)).execution_options(**_PLAIN))
    return len(ids)


def _mail_bodies(session: Scoped, before: datetime) -> int:
    """That a mail left stays known, and what it was about; its text goes."""
    full = or_(SentMail.text_body != "", SentMail.html_body != "")
    ids = session.scalars(select(SentMail.id).where(SentMail.sent_at < before, full).limit(BATCH)).all()
    blank = update(SentMail).where(SentMail.id.in_(ids)).values(text_body="", html_body="")
    session.execute(blank.execution_options(**_PLAIN))
    return len(ids)


def _unused_files(session: Scoped, before: datetime) -> int:
    """Pictures of checks that were sent and never recorded."""
    used = select(CheckImage.file_id)
    query = select(StoredFile.id).where(
        StoredFile.kind == KIND, StoredFile.created_at < before, StoredFile.id.not_in(used)
    )
    ids = session.scalars(query.limit(BATCH)).all()
    session.execute(delete(StoredFile).where(StoredFile.id.in_(ids)).execution_options(**_PLAIN))
    return len(ids)


def _payloads(session: Scoped, before: datetime) -> int:
    """That something came in stays known, and what it became; the record as it came goes."""
    old = ImportRecord.done_at < before, ImportRecord.payload != ""
    ids = session.scalars(select(ImportRecord.id).where(*old).limit(BATCH)).all()
    session.execute(update(ImportRecord).where(ImportRecord.id.in_(ids)).values(payload="").execution_options(**_PLAIN))
    return len(ids)


def _announcements(session: Scoped, before: datetime) -> int:
    ids = session.scalars(select(PolicyEvent.id).where(PolicyEvent.received_at < before).limit(BATCH)).all()
    session.execute(delete(PolicyEvent).where(PolicyEvent.id.in_(ids)).execution_options(**_PLAIN))
    return len(ids)


def _sync_runs(session: Scoped, before: datetime) -> int:
    ids = session.scalars(select(SyncRun.id).where(SyncRun.started_at < before).limit(BATCH)).all()
    session.execute(delete(SyncRun).where(SyncRun.id.in_(ids)).execution_options(**_PLAIN))
    return len(ids)


def _api_answers(session: Scoped, before: datetime) -> int:
    ids = session.scalars(select(ApiAnswer.id).where(ApiAnswer.at < before).limit(BATCH)).all()
    session.execute(delete(ApiAnswer).where(ApiAnswer.id.in_(ids)).execution_options(**_PLAIN))
    return len(ids)


_PLAIN = {"synchronize_session": False}

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "api-answers": Kind(1, 1, _api_answers),
        "sign-in-challenges": Kind(30, 1, _challenges),
        "email-changes": Kind(365, 30, _email_changes),
        "sessions": Kind(90, 1, _sessions),
        "tries": Kind(30, 2, _tries),
        "guest-hours": Kind(30, 9, _guest_hours),
        "outbox": Kind(30, 7, _outbox),
        "unused-files": Kind(2, 1, _unused_files),
        "mail-bodies": Kind(730, 30, _mail_bodies),
        "closed-tasks": Kind(365, 30, _tasks),
        "import-payloads": Kind(365, 30, _payloads),
        "policy-announcements": Kind(30, 2, _announcements),
        "sync-runs": Kind(90, 7, _sync_runs),
    }
)
"""The kinds. The breaker looks eight days back; an outbox row keeps its mail from leaving twice."""


def days_of(session: Scoped) -> dict[str, int]:
    """For how many days an agency keeps each kind."""
    own = dict(session.execute(select(Retention.kind, Retention.days)).all())
    return {name: own.get(name, kind.days) for name, kind in KINDS.items()}


def set_days(session: Scoped, kind: str, days: int) -> None:
    """Keep a kind of record for so many days from now on.

    Raises:
        BadInput: fewer than the portal needs, more than ten years, or no such kind.
    """
    if kind not in KINDS:
        raise BadInput(text("There is no kind of record “%(kind)s”.", kind=kind))
    least = KINDS[kind].least_days
    if not least <= days <= LONGEST_DAYS:
        raise BadInput(text("Between %(least)s and %(most)s days, please.", least=least, most=LONGEST_DAYS))
    row = session.scalars(select(Retention).where(Retention.kind == kind)).one_or_none()
    if row is None:
        session.add(Retention(kind=kind, days=days))
    else:
        row.days = days
    session.flush()


def forget_batch(session: Scoped, kind: str, days: int, at: datetime) -> bool:
    """Forget one batch of a kind; says whether there may be more.

    Args:
        session: a write unit of its own, so that nobody waits for long.
        days: for which it is kept.
        at: now.
    """
    return KINDS[kind].forget(session, at - timedelta(days=days)) == BATCH


def forget_events_batch(session: Unscoped, at: datetime) -> bool:
    """Forget one batch of processor events that were worked long ago; says whether there may be more."""
    ids = session.scalars(select(GatewayEvent.id).where(GatewayEvent.handled_at < at - EVENTS).limit(BATCH)).all()
    session.execute(delete(GatewayEvent).where(GatewayEvent.id.in_(ids)).execution_options(**_PLAIN))
    return len(ids) == BATCH
