"""Delete the engine's records of finished runs: it keeps them for ever by itself."""

from datetime import timedelta

from portal.jobs.context import JobContext
from portal.jobs.engine import open_client

KEEP_SUCCESSES = timedelta(hours=2)
KEEP_FAILURES = timedelta(days=14)
BATCH = 500


def forget_runs(context: JobContext) -> None:
    """Forget runs that ended well a while ago, and failed ones after their time for inspection."""
    client = open_client(context.engine.url.render_as_string(hide_password=False))
    try:
        for statuses, keep in (["SUCCESS"], KEEP_SUCCESSES), (["ERROR", "CANCELLED"], KEEP_FAILURES):
            before = (context.now() - keep).isoformat()
            while runs := client.list_workflows(
                status=statuses, completed_before=before, limit=BATCH, load_input=False, load_output=False
            ):
                client.delete_workflows([run.workflow_id for run in runs])
    finally:
        client.destroy()
