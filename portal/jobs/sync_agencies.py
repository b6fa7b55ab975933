"""Look at BindHQ's agencies and users every hour; once a night at all of them, and at the policies of late."""

from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency


def sync_agencies(context: JobContext) -> None:
    """Of every agency whose BindHQ is switched on."""
    for_each_agency(context, context.sync_agencies, "sync_agencies")
