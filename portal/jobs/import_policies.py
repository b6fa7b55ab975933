"""Read BindHQ's feed and work what waits to be imported."""

from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency


def import_policies(context: JobContext) -> None:
    """Of every agency whose BindHQ is switched on."""
    for_each_agency(context, context.import_policies, "import_policies")
