"""Run something for every agency in turn; one agency's trouble is logged and does not stop the others."""

from concurrent.futures import ThreadPoolExecutor

import structlog

from portal.jobs.context import AgencyJob, JobContext

AGENCIES_AT_ONCE = 4
_log = structlog.get_logger("portal.jobs")


def for_each_agency(context: JobContext, job: AgencyJob, name: str) -> None:
    """Call a job with each agency's id.

    Args:
        name: how the job is called in the log.
    """
    with ThreadPoolExecutor(AGENCIES_AT_ONCE, thread_name_prefix=name) as pool:
        pending = [(agency_id, pool.submit(job, agency_id)) for agency_id in context.agency_ids()]
    for agency_id, future in pending:
        error = future.exception()
        if error is None:
            continue
        if not isinstance(error, Exception):
            raise error
        _log.error("job.failed", job=name, agency_id=agency_id, error=type(error).__name__, exc_info=error)
