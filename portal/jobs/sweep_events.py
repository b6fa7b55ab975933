"""Fetch what no webhook brought: the processor's recent events, overlapping the sweep before."""

from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency


def sweep_events(context: JobContext) -> None:
    """Sweep every agency's account."""
    for_each_agency(context, context.sweep_events, "sweep_events")
