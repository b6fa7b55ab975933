"""Compare what the processor says it did with what the books say; differences are for staff."""

from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency


def compare_books(context: JobContext) -> None:
    """Compare every agency's books."""
    for_each_agency(context, context.compare_books, "compare_books")
