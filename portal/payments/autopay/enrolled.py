"""Which programs are on autopay. Everybody who asks that asks here."""

from sqlalchemy import Select, select

from portal.core.tenancy import Scoped
from portal.payments.autopay.models import AutopayEnrollment

ON_AUTOPAY: Select[int] = select(AutopayEnrollment.program_id).where(AutopayEnrollment.ended_at.is_(None))
"""Ids of the programs that are on autopay, as a part of a query."""


def on_autopay(session: Scoped) -> frozenset[int]:
    """Ids of the programs that are on autopay."""
    return frozenset(session.scalars(ON_AUTOPAY))


def live_enrollment(session: Scoped, program_id: int) -> AutopayEnrollment | None:
    """A program's enrollment that has not ended, or None."""
    query = select(AutopayEnrollment).where(
        AutopayEnrollment.program_id == program_id, AutopayEnrollment.ended_at.is_(None)
    )
    return session.scalars(query).one_or_none()


def is_on_autopay(session: Scoped, program_id: int) -> bool:
    """Whether a program is on autopay now."""
    return live_enrollment(session, program_id) is not None
