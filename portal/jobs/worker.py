"""The worker: runs the schedule, and the drains when a commit wakes them. Survives being killed.

Runs are not the work: items are rows, and a run that is repeated looks at them again. So a run needs no steps.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from threading import Lock

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from dbos import error as dbos_error

from portal.jobs.context import JobContext
from portal.jobs.engine import APPLICATION, QUEUE, WAKE, open_engine
from portal.jobs.schedule import SCHEDULE

POLL_SECONDS = 0.25
RUNS_AT_ONCE = 8
APPLICATION_VERSION = "1"
"""Pinned: a new release goes on with the runs of the old one, which hold nothing but a job's name."""


class EngineBehind(RuntimeError):
    """The engine's tables are missing, or of another version."""


def start_worker(context: JobContext, database_url: str, slot: str) -> None:
    """Start working in the background; a run that this slot left unfinished is taken up again.

    Args:
        context: what the jobs need.
        database_url: the portal's database.
        slot: the worker's name, stable over restarts, and its own.

    Raises:
        EngineBehind: `flask upgrade` has to bring the engine's tables up to date first.
    """
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_engine": open_engine(database_url, pool_size=RUNS_AT_ONCE + 6),
        "executor_id": slot,
        "application_version": APPLICATION_VERSION,
        "serializer": DBOSPortableJSONSerializer(),
        "run_migrations": False,
        "use_listen_notify": True,
        "log_level": "WARNING",
    }
    DBOS(config=config)
    engine_log = logging.getLogger("dbos")
    engine_log.propagate = True
    jobs = {job.name: one_at_a_time(job.run) if job.alone else job.run for job in SCHEDULE}

    @DBOS.workflow(name="scheduled")
    def scheduled(_due: datetime, name: str) -> None:
        jobs[name](context)

    @DBOS.workflow(name=WAKE)
    def wake(name: str, second: int) -> None:
        """Run at once, and again when the second is over: what was committed in it meanwhile sent no other wake."""
        jobs[name](context)
        rest = second + 1 - time.time()
        if rest > 0:
            time.sleep(rest)
            jobs[name](context)

    engine_log.disabled = True  # it writes down the whole trace of what EngineBehind says
    try:
        DBOS.launch()
    except dbos_error.DBOSInitializationError as error:
        raise EngineBehind from error
    finally:
        engine_log.disabled = False
    DBOS.register_queue(
        QUEUE, worker_concurrency=RUNS_AT_ONCE, polling_interval_sec=POLL_SECONDS, on_conflict="always_update"
    )
    known = {job.name for job in SCHEDULE}
    for schedule in DBOS.list_schedules():
        if schedule["schedule_name"] not in known:
            DBOS.delete_schedule(schedule["schedule_name"])
    DBOS.apply_schedules(
        [
            {
                "schedule_name": job.name,
                "workflow_fn": scheduled,
                "schedule": job.cron,
                "context": job.name,
                "queue_name": QUEUE,
            }
            for job in SCHEDULE
        ]
    )


def one_at_a_time(run: Callable[[JobContext], None]) -> Callable[[JobContext], None]:
    """A job that is left out while this process still runs it."""
    turn = Lock()

    def in_turn(context: JobContext) -> None:
        if turn.acquire(blocking=False):
            try:
                run(context)
            finally:
                turn.release()

    return in_turn


def stop_worker(*, finish_within: int = 20) -> None:
    """Take no more work, let running jobs end.

    Args:
        finish_within: seconds they have; what is cut off is taken up at the next start.
    """
    DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=finish_within)
