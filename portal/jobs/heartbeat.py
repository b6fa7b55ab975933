"""Show that jobs are worked: `/readyz` and `/metrics` say how long ago that was."""

from portal.core.heartbeat import beat
from portal.core.tenancy import writing_global
from portal.jobs.context import JobContext


def heartbeat(context: JobContext) -> None:
    """Write the moment down."""
    with writing_global(context.engine) as session:
        beat(session, context.now())
