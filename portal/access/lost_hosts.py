"""Hosts of an agency that worked and work no longer: a matter for its admins, and a mail to each."""

from datetime import datetime

from sqlalchemy import select

from portal.access.staff_news import tell_staff
from portal.agencies.hosts import HostFound, is_lost
from portal.agencies.models import StaffMember
from portal.core.staff_tasks import StaffTask, open_task, settle_task
from portal.core.tenancy import Scoped

LOST = "host.lost"


def note_look(session: Scoped, host: str, was_ready: bool, before: HostFound, found: HostFound, at: datetime) -> None:
    """Ask the admins to look at a host that is lost, once while they have not dealt with it; settle one that is back.

    Args:
        session: a write unit.
        was_ready, before, found: as `is_lost` asks for them.
    """
    if found.is_right:
        settle_host(session, host, "It leads here again.", at)
    if not is_lost(was_ready, before, found):
        return
    asked = select(StaffTask.id).where(StaffTask.kind == LOST, StaffTask.ref == host, StaffTask.closed_at.is_(None))
    if session.scalar(asked) is not None:
        return
    open_task(session, "host.lost", host, at, host=host, why=found.step)
    admins = select(StaffMember.id).where(StaffMember.is_active, StaffMember.role == "admin")
    for staff_id in session.scalars(admins).all():
        tell_staff(session, "host_lost", staff_id, at)


def settle_host(session: Scoped, host: str, outcome: str, at: datetime) -> None:
    """A host is back, or gone for good: nobody has to look any more."""
    settle_task(session, LOST, host, outcome, at)
