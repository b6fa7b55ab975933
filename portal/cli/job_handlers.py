"""What the worker's jobs are given: who delivers each kind of outbox row, who works events and payments."""

from functools import partial
from pathlib import Path
from typing import cast

from flask import Flask
from jinja2 import FileSystemLoader

from portal.access.failed_sign_ins import SIGN_IN_FAILED
from portal.cli.host_jobs import HostJobs
from portal.cli.mail_jobs import MailJobs
from portal.cli.payment_jobs import PaymentJobs
from portal.cli.policy_jobs import PolicyJobs
from portal.cli.receipt_jobs import ReceiptJobs
from portal.core.secrets import AUDIT_SEALS, derive_key
from portal.integrations.catalogs import compiled_catalogs
from portal.integrations.mail import SmtpMailer
from portal.integrations.mail_page import MailPages
from portal.jobs.context import JobContext
from portal.jobs.failed_sign_in import keep_failed_sign_in
from portal.jobs.merge_partners import merge_changed
from portal.jobs.partner_logins import keep_partner_login
from portal.partners.logins import KEEP_LOGIN
from portal.partners.twins import LOOK_FOR_TWINS
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
    policies = PolicyJobs(parts.engine, parts.box, parts.policy_systems, parts.now)
    mails = MailJobs(
        parts.engine, parts.directory, parts.links, open_mailer(settings), parts.renderer, parts.secret, parts.now
    )
    hosts = HostJobs(parts.engine, parts.directory, parts.secret, parts.probe_host, parts.now)
    receipts = ReceiptJobs(parts.engine, parts.box, parts.policy_systems, parts.now)
    failed_sign_ins = {SIGN_IN_FAILED: partial(keep_failed_sign_in, parts.engine, parts.secret)}
    logins = {KEEP_LOGIN: partial(keep_partner_login, parts.engine, parts.secret)}
    twins = {LOOK_FOR_TWINS: partial(merge_changed, parts.engine, parts.now)}
    return JobContext(
        engine=parts.engine,
        outbox=mails.handlers() | payments.handlers() | receipts.handlers() | failed_sign_ins | logins | twins,
        handle_event=payments.handle_event,
        reconcile=payments.reconcile,
        autopay=payments.autopay,
        sweep_events=payments.sweep_events,
        read_payouts=payments.read_payouts,
        money_back=payments.money_back,
        compare_books=payments.compare_books,
        import_policies=policies.import_policies,
        sync_agencies=policies.sync_agencies,
        send_receipts=receipts.send_receipts,
        check_hosts=hosts.check,
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
