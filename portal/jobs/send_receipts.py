"""Find the receipts that policy systems have to have or lose; the outbox makes and voids them."""

from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency


def send_receipts(context: JobContext) -> None:
    """Look at every agency whose policy system takes receipts."""
    for_each_agency(context, context.send_receipts, "send_receipts")
