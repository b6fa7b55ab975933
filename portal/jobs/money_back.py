"""Every night: refunds and disputes as the processor has them, against ours."""

from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency


def money_back(context: JobContext) -> None:
    """Look at every agency's account."""
    for_each_agency(context, context.money_back, "money_back")
