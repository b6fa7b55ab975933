"""One agency's BindHQ, opened; and what is noted when it refuses or does not answer."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from portal.agencies.keys import lookup_key
from portal.agencies.models import Agency
from portal.core.audit import Actor
from portal.core.clock import local_date
from portal.core.secrets import SecretBox
from portal.core.staff_tasks import open_task, settle_task
from portal.core.tenancy import reading, reading_global, writing
from portal.policy_system.connection import connection_of, details_of, is_usable
from portal.policy_system.models import PolicyConnection
from portal.policy_system.protocol import AuthFailed, PolicySystem, PolicySystemError, PolicySystems, UnsafeAddress
from portal.servicing.bind import Binding

BINDHQ = Actor("system", "BindHQ")


@dataclass(frozen=True, slots=True)
class Line:
    """An open line to one agency's BindHQ.

    Args:
        engine: the database.
        agency_id: whose.
        system: answers.
        lookup_key: of the agency's index for guests.
        time_zone: the agency's.
    """

    engine: Engine
    agency_id: int
    system: PolicySystem
    lookup_key: bytes
    time_zone: str

    def binding(self, at: datetime) -> Binding:
        """On whose behalf and when something comes in."""
        return Binding(BINDHQ, self.lookup_key, local_date(at, self.time_zone), at)


def open_line(
    engine: Engine, agency_id: int, box: SecretBox, systems: PolicySystems, *, even_off: bool = False
) -> Line | None:
    """An agency's line; None where BindHQ is not switched on, or cannot be called yet.

    Args:
        even_off: also while it is switched off, for a test of the connection.

    Raises:
        UnsafeAddress: its address is none that may be called.
    """
    with reading(engine, agency_id) as session:
        row = connection_of(session)
        if row is None or not is_usable(row) or not (row.is_enabled or even_off):
            return None
        details = details_of(row, box)
    with reading_global(engine) as session:
        agency = session.scalars(select(Agency).where(Agency.id == agency_id)).one()
        key, zone = lookup_key(agency, box), agency.time_zone
    return Line(engine, agency_id, systems.connect(details), key, zone)


def note_trouble(engine: Engine, agency_id: int, error: PolicySystemError, at: datetime) -> None:
    """BindHQ refuses us, or does not answer: seen on the settings page, and what only staff can mend is a task."""
    with writing(engine, agency_id) as session:
        row = connection_of(session)
        if row is None:
            return
        row.trouble_since = row.trouble_since or at
        row.trouble = "BHQ_AUTH_FAILED" if isinstance(error, AuthFailed | UnsafeAddress) else "BHQ_UNAVAILABLE"
        if row.trouble == "BHQ_AUTH_FAILED":
            open_task(session, "connection.refused", "BindHQ", at, error=str(error)[:200])


def note_answer(engine: Engine, agency_id: int, at: datetime) -> None:
    """It answers again."""
    with reading(engine, agency_id) as session:
        troubled = session.scalar(select(PolicyConnection.id).where(PolicyConnection.trouble_since.is_not(None)))
    if troubled is None:
        return
    with writing(engine, agency_id) as session:
        row = connection_of(session)
        if row is not None:
            row.trouble_since, row.trouble = None, ""
        settle_task(session, "connection.refused", "BindHQ", "It answers again.", at)
