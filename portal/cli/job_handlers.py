"""What the worker's jobs are given: who delivers each kind of outbox row, who works events and payments."""

from typing import cast

from flask import Flask

from portal.cli.payment_jobs import PaymentJobs
from portal.jobs.context import JobContext, OutboxHandler
from portal.web.services import EXTENSION, Services


def job_context(app: Flask) -> JobContext:
    """Plug the jobs together from the parts of the application.

    Args:
        app: the portal; its routes make the links in mails.
    """
    parts = cast(Services, app.extensions[EXTENSION])
    payments = PaymentJobs(parts.engine, parts.directory, parts.box, parts.processor.gateway, parts.now)
    deliver: dict[str, OutboxHandler] = {}
    return JobContext(
        engine=parts.engine,
        outbox=deliver,
        handle_event=payments.handle_event,
        reconcile=payments.reconcile,
        sweep_events=payments.sweep_events,
        now=parts.now,
    )
