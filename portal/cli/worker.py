"""`flask worker`: works the outbox, the inbox and the schedule until it is told to stop."""

import signal
import threading

import click
from flask import current_app
from flask.cli import with_appcontext

from portal.cli.database import require_up_to_date
from portal.cli.job_handlers import job_context
from portal.jobs.worker import EngineBehind, start_worker, stop_worker
from portal.settings import load_settings

READY = "worker.ready"


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Work until SIGTERM or Ctrl-C; running jobs are finished first. PORTAL_WORKER_SLOT names the worker."""
    settings = load_settings()
    require_up_to_date(settings.database_url)
    context = job_context(current_app, settings)
    stop = threading.Event()
    for number in signal.SIGTERM, signal.SIGINT:
        signal.signal(number, lambda *_: stop.set())
    try:
        start_worker(context, settings.database_url, settings.worker_slot)
    except EngineBehind as error:
        raise click.ClickException("The jobs' own tables are not up to date. Run: make upgrade") from error
    print(READY, settings.worker_slot, flush=True)
    stop.wait()
    print("worker.stopping", flush=True)
    stop_worker()
