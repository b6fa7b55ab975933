"""`flask init`: from an empty database to an agency that takes payments; run again, it says what is missing."""

import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import cast

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import Engine, select

from agency_branding import brand_folders, read_folder
from portal.access.models import StaffFactor
from portal.access.permissions import ROLE_WORDS
from portal.agencies.found import add_host, add_staff
from portal.agencies.keys import stored_keys
from portal.agencies.models import Agency, StaffMember
from portal.cli.agencies import draft_of, found_agency, require_own_host
from portal.cli.database import revisions, upgrade_deployment
from portal.cli.deployment import deployment, find_agency, operator
from portal.cli.init_processor import SECRET_KEY_VARIABLE, WEBHOOK_VARIABLE, Given, say_last_event, set_up_processor
from portal.cli.job_handlers import open_mailer
from portal.cli.setup_report import SetupReport
from portal.core import clock
from portal.core.audit import record
from portal.core.email_address import parse_email
from portal.core.logs import only_warnings
from portal.core.revisions import newest_revisions
from portal.core.tenancy import reading, reading_global, writing, writing_global
from portal.documents.filled import letterhead_of
from portal.notices.message import AddressRefused, MailUndeliverable, Recipient
from portal.notices.staff_news import staff_welcome
from portal.settings import Settings, load_settings
from portal.web.services import EXTENSION, Services

PROBE_SECONDS = 5

Ask = Callable[..., str]
"""Ask(words, default="", hide=False): the answer, or the default where nobody is there to answer."""


@click.command("init")
@click.argument("slug", required=False)
@click.option("--name", help="The agency's name as customers know it.")
@click.option("--phone", help="Its phone number for customers.")
@click.option("--email", help="Where customers' answers go.")
@click.option("--hex", "brand_hex", help="Brand colour, like #0b5fa5.")
@click.option("--folder", type=click.Choice(brand_folders()), default="_default", help="Brand folder to start from.")
@click.option("--time-zone", help="Like America/New_York.")
@click.option("--host", "hosts", multiple=True, help="A domain of its own, like pay.example.com; again for another.")
@click.option("--admin", help="E-mail address of its first admin.")
@click.option("--admin-name", help="The admin's name.")
@click.option("--publishable-key", help="Of its Stripe account (pk_…). Not a secret: it goes into pages.")
@click.option("--unattended", is_flag=True, help="Ask nothing: what is not given is said to be missing.")
@with_appcontext
def init_command(
    slug: str | None,
    name: str | None,
    phone: str | None,
    email: str | None,
    brand_hex: str | None,
    folder: str,
    time_zone: str | None,
    hosts: tuple[str, ...],
    admin: str | None,
    admin_name: str | None,
    publishable_key: str | None,
    unattended: bool,
) -> None:
    """Set up this deployment and the agency SLUG, as far as it is not yet; then say what is still to do.

    Secrets are asked for unseen, or taken from PORTAL_INIT_STRIPE_KEY and PORTAL_INIT_WEBHOOK_SECRET. Ends with
    status 1 when something that was given does not work.
    """
    settings, report = load_settings(), SetupReport()
    ask = partial(_ask, is_unattended=unattended)
    _database(settings, report)
    slug = slug or ask("Slug, the agency's part of the address (like acme)")
    with deployment() as engine:
        brand = read_folder(folder)
        if _exists(engine, slug):
            report.done("Agency", f"{slug} is there already; its name and brand stay as they are")
        else:
            draft = draft_of(
                slug,
                folder,
                name=name or (brand.name if folder != "_default" else ask("Name")),
                phone=phone or brand.phone or ask("Phone number for customers"),
                email=email or brand.email or ask("E-mail address for customers' answers"),
                brand_hex=brand_hex or (brand.hex if folder != "_default" else ask("Brand colour", default=brand.hex)),
                time_zone=time_zone or brand.time_zone,
            )
            found_agency(engine, settings, draft)
            report.done("Agency", f"{draft.name} is made")
        agency = find_agency(engine, slug)
        _hosts(engine, settings, agency, hosts, report)
        links = cast(Services, current_app.extensions[EXTENSION]).links
        report.done("Address", links.url(agency, "insured.home"))
        _mail(settings, report)
        _admin(engine, settings, agency, admin, admin_name, ask, links.url(agency, "admin.home"), report)
        given = Given(
            lambda: publishable_key or ask("Publishable key (pk_…)"),
            lambda: os.environ.get(SECRET_KEY_VARIABLE) or ask("Stripe secret key (sk_…; empty: later)", hide=True),
            lambda: os.environ.get(WEBHOOK_VARIABLE) or ask("Webhook signing secret (whsec_…)", hide=True),
        )
        set_up_processor(engine, settings, agency, links.url(agency, "webhooks.processor"), given, report)
        with reading(engine, agency.id) as session:
            keys = stored_keys(session, settings.box)
        if keys is not None:
            say_last_event(engine, settings, keys.account, report)
    _web(settings, report)
    report.end()
    raise SystemExit(1 if report.is_broken else 0)


def _ask(words: str, default: str = "", hide: bool = False, *, is_unattended: bool) -> str:
    """An answer; empty or the default where nobody is there to give one."""
    if is_unattended:
        return default
    return str(click.prompt(words, default=default, hide_input=hide, show_default=bool(default))).strip()


def _database(settings: Settings, report: SetupReport) -> None:
    """Bring it to this version.

    Raises:
        click.ClickException: it cannot be; nothing else can be done then.
    """
    owner_url = settings.migration_database_url or settings.database_url
    if revisions(owner_url) == newest_revisions():
        report.done("Database", "reachable, and of this version")
    else:
        upgrade_deployment(settings)
        report.done("Database", "brought to this version")


def _exists(engine: Engine, slug: str) -> bool:
    with reading_global(engine) as session:
        return session.scalar(select(Agency.id).where(Agency.slug == slug)) is not None


def _hosts(engine: Engine, settings: Settings, agency: Agency, hosts: tuple[str, ...], report: SetupReport) -> None:
    for host in (each.strip().lower() for each in hosts):
        require_own_host(settings, host)
        with writing_global(engine) as session:
            is_new = add_host(session, agency.id, host)
        if is_new:
            with writing(engine, agency.id) as scoped:
                record(scoped, operator(), "agency.host_added", "agency", agency.id, clock.now(), host=host)
        report.done("Host", f"{host} leads to {agency.slug}")
        report.to_do.append(
            f"Let the domain {host} point to this portal's proxy (DNS: CNAME or A), if it does not yet."
        )


def _mail(settings: Settings, report: SetupReport) -> None:
    server = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        open_mailer(settings).check()
    except MailUndeliverable as error:
        report.broken("Mail", f"{server} does not work: {error}", "Set PORTAL_SMTP_… in .env: nobody can sign in else.")
    else:
        report.done("Mail", f"{server} answers" + (" and takes the password" if settings.smtp_user else ""))


def _admin(
    engine: Engine,
    settings: Settings,
    agency: Agency,
    address: str | None,
    name: str | None,
    ask: Ask,
    url: str,
    report: SetupReport,
) -> None:
    """Someone who can do the rest on the pages; is welcomed by mail until a second step is set up."""
    admins = select(StaffMember).where(StaffMember.role == "admin", StaffMember.is_active).order_by(StaffMember.id)
    with reading(engine, agency.id) as session:
        known = session.scalars(admins).all()
    address = address or ("" if known else ask("E-mail address of the first admin"))
    if not address:
        if known:
            report.done("Admin", ", ".join(member.email for member in known))
        else:
            report.lacking("Admin", "there is none yet", f"flask init {agency.slug} --admin you@example.com")
        return
    address = parse_email(address)
    with reading(engine, agency.id) as session:
        member = session.scalars(select(StaffMember).where(StaffMember.email == address)).one_or_none()
    if member is None:
        name = name or ask("The admin's name", default=_name_in(address))
        with writing(engine, agency.id) as session:
            member = add_staff(session, address, name, "admin", operator(), clock.now())
    elif member.role != "admin" or not member.is_active:
        report.broken("Admin", f"{address} is on the staff, not as an active admin", f"An admin changes it on {url}")
        return
    with reading(engine, agency.id) as session:
        is_set_up = session.scalar(select(StaffFactor.id).where(StaffFactor.staff_id == member.id).limit(1)) is not None
    if is_set_up:
        report.done("Admin", f"{address} works here already")
    else:
        _welcome(settings, agency, member, url, report)


def _welcome(settings: Settings, agency: Agency, member: StaffMember, url: str, report: SetupReport) -> None:
    recipient = Recipient(member.email, member.name, agency.locale)
    message = staff_welcome(recipient, letterhead_of(agency), sign_in_url=url, role=ROLE_WORDS["admin"])
    try:
        with only_warnings():
            open_mailer(settings).send(message, dedupe_key=f"init.welcome:{agency.slug}:{member.id}")
    except (MailUndeliverable, AddressRefused) as error:
        report.broken("Admin", f"{member.email} could not be mailed: {error}", "See to mail or address, then again.")
    else:
        report.done("Admin", f"{member.email} is an admin; a mail is on its way")
        report.to_do.append(f"Look whether the mail to {member.email} arrived, then sign in: {url}")


def _name_in(address: str) -> str:
    """A name to begin with.

    >>> _name_in("ann.sample@agency.example")
    'Ann Sample'
    """
    return " ".join(word.capitalize() for word in re.split(r"[._-]+", address.partition("@")[0]))


def _web(settings: Settings, report: SetupReport) -> None:
    """Whether the portal answers where browsers will look for it."""
    url = f"{settings.base_url}/readyz"
    try:
        with urllib.request.urlopen(url, timeout=PROBE_SECONDS) as answer:  # noqa: S310 - our own address  # nosec B310
            is_silent = b'"silent"' in answer.read()
    except (urllib.error.URLError, OSError):
        report.lacking("Web", f"{settings.base_url} does not answer", "Start web server and proxy, then look at " + url)
        return
    report.done("Web", f"{settings.base_url} answers")
    if is_silent:
        report.lacking("Worker", "silent: no mail leaves", "Start a worker: make worker")
    else:
        report.done("Worker", "at work")
