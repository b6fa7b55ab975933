"""Which programs are on autopay, and what it charges. Everybody who asks that asks here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.clock import local_date
from portal.core.tenancy import Scoped
from portal.payments.autopay.models import AutopayEnrollment
from portal.payments.autopay.rules import KINDS
from portal.payments.models import Mandate


@dataclass(frozen=True, slots=True)
class Charged:
    """Which invoices autopay is to charge; what it leaves is asked for like anything else.

    Args:
        since: program -> the day of the consent in force; a program is not in it while its bank refuses the method.
    """

    since: Mapping[int, date]

    def holds(self, program_id: int | None, kind: str, due_date: date) -> bool:
        """Whether it charges an invoice of this kind, due on this day: never what was past due at the consent."""
        agreed_on = self.since.get(program_id or 0)
        return agreed_on is not None and kind in KINDS and due_date >= agreed_on


def charged(session: Scoped, program_id: int | None = None) -> Charged:
    """What autopay is to charge, of all programs or of one."""
    zone = session.get_one(Agency, session.agency_id).time_zone
    query = (
        select(AutopayEnrollment.program_id, Mandate.agreed_at)
        .join(Mandate, Mandate.id == AutopayEnrollment.mandate_id)
        .where(AutopayEnrollment.ended_at.is_(None), AutopayEnrollment.asks_since.is_(None))
    )
    if program_id is not None:
        query = query.where(AutopayEnrollment.program_id == program_id)
    return Charged({row.program_id: local_date(row.agreed_at, zone) for row in session.execute(query)})


def live_enrollment(session: Scoped, program_id: int) -> AutopayEnrollment | None:
    """A program's enrollment that has not ended, or None."""
    query = select(AutopayEnrollment).where(
        AutopayEnrollment.program_id == program_id, AutopayEnrollment.ended_at.is_(None)
    )
    return session.scalars(query).one_or_none()


def is_on_autopay(session: Scoped, program_id: int) -> bool:
    """Whether a program is on autopay now."""
    return live_enrollment(session, program_id) is not None
