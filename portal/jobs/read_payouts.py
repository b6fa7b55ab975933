"""Read the processor's books: movements of the balance with their fees, and payouts to the bank."""

from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency


def read_payouts(context: JobContext) -> None:
    """Read every agency's account."""
    for_each_agency(context, context.read_payouts, "read_payouts")
