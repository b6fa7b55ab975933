"""The jobs' part in receipts to policy systems."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from portal.core.db import run_unit
from portal.core.secrets import SecretBox
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import reading, writing
from portal.jobs.context import OutboxHandler, OutboxItem
from portal.policy_system.connection import connection_of
from portal.policy_system.models import SyncRun
from portal.policy_system.protocol import PolicySystems
from portal.policy_system.receipt_plan import DELIVER, due_fundings, due_payments, plan_all
from portal.policy_system.receipt_sending import Desk, deliver, takes_receipts
from portal.policy_system.stalled import STALLED, is_stalled, note_stalled


@dataclass(frozen=True, slots=True)
class ReceiptJobs:
    """What jobs do about receipts.

    Args:
        systems: opens agencies' policy systems.
    """

    engine: Engine
    box: SecretBox
    systems: PolicySystems
    now: Callable[[], datetime]

    def handlers(self) -> dict[str, OutboxHandler]:
        """What has to be done at the policy system after a commit."""
        return {DELIVER: self._deliver}

    def _deliver(self, item: OutboxItem) -> None:
        desk = Desk(self.engine, item.agency_id, self.systems, self.box, self.now)
        deliver(desk, item.payload["receipt_id"])

    def send_receipts(self, agency_id: int) -> None:
        """Find what has to change about an agency's receipts. A run that changes something is kept.

        Staff are asked to look at a feed that stands still, since whoever reads it may be what stands still.
        """
        at = self.now()
        self._look_at_feed(agency_id, at)
        with reading(self.engine, agency_id) as session:
            connection = connection_of(session)
            if connection is None or not takes_receipts(connection):
                return
            payments, loans = due_payments(session, connection, at), due_fundings(session)
        if not payments and not loans:
            return

        def unit() -> None:
            with writing(self.engine, agency_id) as session:
                changed = plan_all(session, payments, loans, at)
                if changed:
                    counts = {"looked_at": len(payments) + len(loans), "changed": changed}
                    run = SyncRun(
                        kind="receipts", started_at=at, ended_at=self.now(), counts=counts, errors=[], cursor=None
                    )
                    session.add(run)

        run_unit(unit)

    def _look_at_feed(self, agency_id: int, at: datetime) -> None:
        with reading(self.engine, agency_id) as session:
            task = select(StaffTask.id).where(StaffTask.kind == STALLED, StaffTask.closed_at.is_(None))
            is_told = session.scalar(task) is not None
            if is_stalled(connection_of(session), at) == is_told:
                return

        def unit() -> None:
            with writing(self.engine, agency_id) as session:
                note_stalled(session, at)

        run_unit(unit)
