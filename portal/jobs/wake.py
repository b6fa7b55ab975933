"""Wake the drain jobs after a commit, so that a sign-in mail leaves within a second, without a polling loop.

A wake is a run named after the job and the second. Wakes of one second are one run, whichever process sends
them, and that run looks once more when its second is over. A lost wake costs a wait until the schedule's turn.
"""

import threading
import time
from weakref import WeakKeyDictionary

import structlog
from dbos import DBOSClient
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.pool import Pool

from portal.core.outbox import OutboxRow
from portal.core.tenancy import Scoped, Unscoped
from portal.jobs.engine import QUEUE, WAKE, open_client
from portal.payments.models import GatewayEvent
from portal.policy_system.models import PolicyEvent

JOB_OF_ROW: dict[type, str] = {
    OutboxRow: "drain_outbox",
    GatewayEvent: "drain_inbox",
    PolicyEvent: "import_policies",
}
_log = structlog.get_logger("portal.jobs")


class Waker:
    """Sends wakes from one process.

    Args:
        database_url: the portal's database.
    """

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._client: DBOSClient | None = None
        self._sent: dict[str, int] = {}
        self._lock = threading.Lock()

    def wake(self, job: str) -> None:
        """Have a job run now; the first call of a second does it for the others. Never fails the caller."""
        second = int(time.time())
        with self._lock:
            if self._sent.get(job) == second:
                return
            self._sent[job] = second
            if self._client is None:
                self._client = open_client(self._database_url)
        try:
            self._client.enqueue(
                {"queue_name": QUEUE, "workflow_name": WAKE, "workflow_id": f"{WAKE}-{job}-{second}"}, job, second
            )
        except SQLAlchemyError as error:
            _log.warning("wake.lost", job=job, error=type(error).__name__)


_wakers: WeakKeyDictionary[Pool, Waker] = WeakKeyDictionary()


def wake_on_commit(engine: Engine, database_url: str) -> None:
    """From now on, a commit on this engine that added an outbox or inbox row wakes its drain."""
    _wakers[engine.pool] = Waker(database_url)


@event.listens_for(Scoped, "after_flush")
@event.listens_for(Unscoped, "after_flush")
def _rows_added(session: Session, _context: object) -> None:
    for row in session.new:
        _remember(session, type(row))


@event.listens_for(Scoped, "do_orm_execute")
@event.listens_for(Unscoped, "do_orm_execute")
def _rows_inserted(state: ORMExecuteState) -> None:
    if state.is_insert and state.bind_mapper is not None:
        _remember(state.session, state.bind_mapper.class_)


def _remember(session: Session, row: type) -> None:
    if row in JOB_OF_ROW:
        session.info.setdefault("wake", set()).add(JOB_OF_ROW[row])


@event.listens_for(Scoped, "after_commit")
@event.listens_for(Unscoped, "after_commit")
def _committed(session: Session) -> None:
    jobs: set[str] = session.info.pop("wake", set())
    bind = session.bind
    waker = _wakers.get(bind.pool) if jobs and isinstance(bind, Engine) else None
    if waker is not None:
        for job in sorted(jobs):
            waker.wake(job)


@event.listens_for(Scoped, "after_rollback")
@event.listens_for(Unscoped, "after_rollback")
def _rolled_back(session: Session) -> None:
    session.info.pop("wake", None)
