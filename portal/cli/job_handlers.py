"""What the worker's jobs are given: who delivers each kind of outbox row, who works events and payments."""

from functools import partial
from pathlib import Path
from typing import cast

from flask import Flask
from jinja2 import FileSystemLoader

from portal.access.failed_sign_ins import SIGN_IN_FAILED
from portal.cli.mail_jobs import MailJobs
from portal.cli.payment_jobs import PaymentJobs
from portal.core.secrets import AUDIT_SEALS, derive_key
from portal.integrations.catalogs import compiled_catalogs
from portal.integrations.mail import SmtpMailer
from portal.integrations.mail_page import MailPages
from portal.jobs.context import JobContext
from portal.jobs.failed_sign_in import keep_failed_sign_in
from portal.settings import Settings
from portal.web.services import EXTENSION, Services

ROOT = Path(__file__).parents[2]


def job_context(app: Flask, settings: Settings) -> JobContext:
    """Plug the jobs together from the parts of the application.

    Args:
        app: the portal; its routes make the links in mails.
        settings: how mail leaves.
    """
    parts = cast(Services, app.extensions[EXTENSION])
    payments = PaymentJobs(parts.engine, parts.directory, parts.box, parts.processor.gateway, parts.now)
    mails = MailJobs(
        parts.engine, parts.directory, parts.links, open_mailer(settings), parts.renderer, parts.secret, parts.now
    )
    failed_sign_ins = {SIGN_IN_FAILED: partial(keep_failed_sign_in, parts.engine, parts.secret)}
    return JobContext(
        engine=parts.engine,
        outbox=mails.handlers() | payments.handlers() | failed_sign_ins,
        handle_event=payments.handle_event,
        reconcile=payments.reconcile,
        autopay=payments.autopay,
        sweep_events=payments.sweep_events,
        read_payouts=payments.read_payouts,
        money_back=payments.money_back,
        compare_books=payments.compare_books,
        paper=mails.paper,
        audit_key=derive_key(parts.secret, AUDIT_SEALS),
        now=parts.now,
    )


def open_mailer(settings: Settings) -> SmtpMailer:
    """How mail leaves this deployment."""
    catalogs = compiled_catalogs(ROOT / "portal" / "translations", settings.data_dir / "translations")
    return SmtpMailer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_user,
        settings.smtp_password.get_secret_value(),
        settings.smtp_tls,
        settings.mail_from,
        MailPages(FileSystemLoader(ROOT / "templates"), catalogs),
    )
