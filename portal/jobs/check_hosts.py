"""Look at agencies' own hosts again, whether customers still reach the portal there."""

from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency


def check_hosts(context: JobContext) -> None:
    """Agency by agency."""
    for_each_agency(context, context.check_hosts, "check_hosts")
