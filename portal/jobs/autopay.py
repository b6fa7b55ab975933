"""Hourly: what autopay charges in three days is announced, and what is due is charged, by each agency’s calendar."""

from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency


def autopay(context: JobContext) -> None:
    """Run every agency; a day begins at another hour in each time zone, and a run that was missed is made up for."""
    for_each_agency(context, context.autopay, "autopay")
