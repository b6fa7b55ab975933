"""An operator's commands about agencies: create one with brand and keys, issue a payment link."""

import re
from pathlib import Path

import click
from sqlalchemy import Engine, select

from agency_branding import brand_folders, read_folder
from portal.agencies.found import AgencyDraft, create_agency
from portal.agencies.keys import ProcessorKeys, set_keys
from portal.agencies.models import Agency, AgencyHost
from portal.cli.deployment import deployment, find_agency, operator
from portal.core import clock
from portal.core.audit import record
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.tenancy import Scoped, reading_global, writing, writing_global
from portal.core.text import text
from portal.invoices.models import Invoice
from portal.programs.links import issue_link, replace_link
from portal.programs.models import Program
from portal.settings import Settings, load_settings

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("create-agency")
@click.argument("slug")
@click.option("--folder", type=click.Choice(brand_folders()), default="_default", help="Brand folder to start from.")
@click.option("--name", help="Name as customers know it; from the brand folder if left out.")
@click.option("--phone", help="Phone number for customers.")
@click.option("--email", help="Where customers' answers go.")
@click.option("--hex", "brand_hex", help="Brand colour, like #0b5fa5.")
@click.option("--time-zone", help="Like America/New_York.")
@click.option("--host", default="", help="A domain of its own, like pay.example.com.")
def create_agency_command(
    slug: str,
    folder: str,
    name: str | None,
    phone: str | None,
    email: str | None,
    brand_hex: str | None,
    time_zone: str | None,
    host: str,
) -> None:
    """Create the agency SLUG; its portal is at /SLUG/, and on its host if it has one."""
    brand = read_folder(folder)
    draft = draft_of(
        slug,
        folder,
        name=name or (brand.name if folder != "_default" else click.prompt("Name")),
        phone=phone or brand.phone or click.prompt("Phone"),
        email=email or brand.email or click.prompt("E-mail"),
        brand_hex=brand_hex or brand.hex,
        host=host.strip().lower(),
        time_zone=time_zone or brand.time_zone,
    )
    settings = load_settings()
    with deployment() as engine:
        found_agency(engine, settings, draft)
    portal = f"{settings.base_url}/{slug}/"
    own = f" and https://{draft.host}/" if draft.host else ""
    click.echo(f"{draft.name} is at {portal}{own}.")
    click.echo(f"Next: let Stripe send its events to {portal}webhooks/processor, then: flask set-keys {slug}")


def draft_of(slug: str, folder: str, **chosen: str) -> AgencyDraft:
    """What an agency starts with: what was chosen, and the rest from its brand folder."""
    brand = read_folder(folder)
    from_folder = {
        "website": brand.website,
        "address_line1": brand.address_line1,
        "address_line2": brand.address_line2,
        "city": brand.city,
        "state": brand.state,
        "postal_code": brand.postal_code,
        "footer": brand.footer,
        "locale": brand.locale,
    }
    return AgencyDraft(slug=slug, brand_folder=folder, **(from_folder | chosen))


def found_agency(engine: Engine, settings: Settings, draft: AgencyDraft) -> Agency:
    """Create an agency, and say so in its audit.

    Raises:
        BadInput, Conflict: as `create_agency`; and the host is the one that all agencies share.
    """
    now = clock.now()
    require_own_host(settings, draft.host)
    with writing_global(engine) as session:
        agency = create_agency(session, settings.box, draft, now)
    with writing(engine, agency.id) as scoped:
        record(scoped, operator(), "agency.created", "agency", agency.id, now, slug=draft.slug)
    return agency


def require_own_host(settings: Settings, host: str) -> None:
    """Raises BadInput when a host is the one that all agencies share."""
    if host == settings.base_url.partition("://")[2]:
        raise BadInput(text("%(host)s serves all agencies. Give one of the agency's own.", host=host))


@click.command("set-keys")
@click.argument("slug")
@click.option("--account", prompt="Stripe account id (acct_…)", help="The account's id, like acct_1AbC.")
@click.option("--publishable-key", prompt="Publishable key (pk_…)", help="Not a secret: it goes into pages.")
@click.option("--secret-key-file", type=_FILE, help="File with the secret key; asked for, unseen, if left out.")
@click.option("--webhook-secret-file", type=_FILE, help="File with the webhook's signing secrets, one a line.")
@click.option("--statement-descriptor", default="", help="What card statements show, 5 to 22 characters.")
def set_keys_command(
    slug: str,
    account: str,
    publishable_key: str,
    secret_key_file: Path | None,
    webhook_secret_file: Path | None,
    statement_descriptor: str,
) -> None:
    """Store the keys of SLUG's own Stripe account, encrypted. Secrets are never given on the command line."""
    keys = ProcessorKeys(
        account=_like(account.strip(), r"acct_\w+", "A Stripe account id", "acct_1AbC"),
        publishable_key=publishable_key.strip(),
        secret_key=_secret(secret_key_file, "Secret key (sk_…)")[0],
        webhook_secrets=tuple(
            _like(secret, r"whsec_\S+", "A webhook's signing secret", "whsec_…")
            for secret in _secret(webhook_secret_file, "Webhook signing secret (whsec_…)")
        ),
        statement_descriptor=statement_descriptor.strip(),
    )
    with deployment() as engine:
        agency = find_agency(engine, slug)
        with writing(engine, agency.id) as session:
            set_keys(session, load_settings().box, keys)
            record(session, operator(), "keys.set", "agency", agency.id, clock.now(), account=keys.account)
    click.echo(f"The keys of {agency.name} are stored.")


@click.command("issue-payment-link")
@click.option("--agency", "slug", required=True, help="The agency's slug.")
@click.option("--program", "reference", default="", help="The program's reference, or")
@click.option("--invoice", "number", default="", help="the number of a one-time invoice.")
@click.option("--replace", is_flag=True, help="End the present link and make a new one.")
def issue_payment_link_command(slug: str, reference: str, number: str, replace: bool) -> None:
    """Print the payment link of a program or one-time invoice; it is made if there is none yet."""
    if bool(reference) == bool(number):
        raise click.UsageError("Give either --program or --invoice.")
    with deployment() as engine:
        agency = find_agency(engine, slug)
        with reading_global(engine) as unscoped:
            host = unscoped.scalar(select(AgencyHost.host).where(AgencyHost.agency_id == agency.id))
        with writing(engine, agency.id) as session:
            subject = _program(session, reference) if reference else _one_time_invoice(session, number)
            now = clock.now()
            make = replace_link if replace else issue_link
            link = make(session, now, **{f"{subject.__tablename__}_id": subject.id})
            if replace:
                record(session, operator(), "link.replaced", subject.__tablename__, subject.id, now)
    base = f"https://{host}" if host else f"{load_settings().base_url}/{slug}"
    click.echo(f"{base}/pay/{link.token}")


def _program(session: Scoped, reference: str) -> Program:
    program = session.scalars(select(Program).where(Program.reference == reference)).one_or_none()
    if program is None:
        raise NotFound(text("There is no program %(reference)s.", reference=reference))
    if program.archived_at or program.is_draft or program.billing_type != "direct_bill":
        raise Conflict(
            text(
                "Program %(reference)s takes no payment by link: it is archived, a draft, or billed to a partner.",
                reference=reference,
            )
        )
    return program


def _one_time_invoice(session: Scoped, number: str) -> Invoice:
    invoice = session.scalars(select(Invoice).where(Invoice.number == number)).one_or_none()
    if invoice is None:
        raise NotFound(text("There is no invoice %(number)s.", number=number))
    if invoice.program_id is not None:
        raise Conflict(text("Invoice %(number)s is part of a program: give the link of that.", number=number))
    if invoice.state in {"void", "draft"}:
        raise Conflict(text("Invoice %(number)s is void or a draft and takes no payment.", number=number))
    return invoice


def _like(value: str, pattern: str, what: str, example: str) -> str:
    """The value if it has the form; it is not repeated if it has not, for it may be a secret."""
    if not re.fullmatch(pattern, value):
        raise click.ClickException(f"{what} looks like {example}. This one does not.")
    return value


def _secret(path: Path | None, prompt: str) -> list[str]:
    """The lines of a file, or one line typed without showing it."""
    typed = path.read_text("utf-8") if path else str(click.prompt(prompt, hide_input=True))
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    if not lines:
        raise click.ClickException(f"{path} is empty.")
    return lines
