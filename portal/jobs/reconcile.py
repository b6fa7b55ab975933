"""Ask the processor about payments that have not reached an end: whatever crashed, they converge here."""

from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency


def reconcile(context: JobContext) -> None:
    """Reconcile every agency."""
    for_each_agency(context, context.reconcile, "reconcile")
