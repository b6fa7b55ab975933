"""The audit trail for admins: the newest first, filtered, a page at a time."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.core.audit import AuditEntry, Told, tell
from portal.core.clock import day_begins, day_ends
from portal.core.tenancy import Scoped

PAGE = 50


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to show; what is empty filters nothing.

    Args:
        actor_kind: staff, insured, guest, link, operator or system.
        actor: an address of staff, from its beginning; those of others are sealed and cannot be searched.
        action: from its beginning, like "payment." or "staff.signed_in".
        first, last: days at the agency, both included.
        before: the id of the last entry already seen.
    """

    actor_kind: str = ""
    actor: str = ""
    action: str = ""
    first: date | None = None
    last: date | None = None
    before: int | None = None


def audit_page(session: Scoped, wanted: AuditFilter, time_zone: str) -> tuple[list[Told], int | None]:
    """One page of entries, and the `before` of the next one; None on the last.

    Args:
        time_zone: of the agency.
    """
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE + 1)
    if wanted.actor_kind:
        query = query.where(AuditEntry.actor_kind == wanted.actor_kind)
    if wanted.actor:
        query = query.where(AuditEntry.actor.istartswith(wanted.actor, autoescape=True))
    if wanted.action:
        query = query.where(AuditEntry.action.startswith(wanted.action, autoescape=True))
    if wanted.first:
        query = query.where(AuditEntry.at >= day_begins(wanted.first, time_zone))
    if wanted.last:
        query = query.where(AuditEntry.at < day_ends(wanted.last, time_zone))
    if wanted.before is not None:
        query = query.where(AuditEntry.id < wanted.before)
    rows = session.scalars(query).all()
    shown = rows[:PAGE]
    return tell(session, shown), shown[-1].id if len(rows) > PAGE else None
