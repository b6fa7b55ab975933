"""The part of `flask init` that is about the agency's Stripe account: keys that work, and events that arrive."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from portal.agencies.keys import ProcessorKeys, set_keys, stored_keys
from portal.agencies.models import Agency
from portal.cli.deployment import operator
from portal.cli.setup_report import SetupReport
from portal.core import clock
from portal.core.audit import record
from portal.core.tenancy import reading, reading_global, writing
from portal.integrations.stripe.webhook_setup import StripeSetup
from portal.payments.gateway import GatewayError, KeysRefused
from portal.payments.models import GatewayEvent
from portal.settings import Settings

PART = "Stripe"
WEBHOOK = "Webhook"
KEYS_AT = "https://dashboard.stripe.com/apikeys"
WEBHOOKS_AT = "https://dashboard.stripe.com/webhooks"
SECRET_KEY_VARIABLE = "PORTAL_INIT_STRIPE_KEY"  # noqa: S105 - its name  # nosec B105
WEBHOOK_VARIABLE = "PORTAL_INIT_WEBHOOK_SECRET"


@dataclass(frozen=True, slots=True)
class Given:
    """Where keys come from: each is asked for, or taken from the environment; empty when there is none.

    Args:
        secret_key, webhook_secret: unseen.
    """

    publishable_key: Callable[[], str]
    secret_key: Callable[[], str]
    webhook_secret: Callable[[], str]


def set_up_processor(
    engine: Engine, settings: Settings, agency: Agency, url: str, given: Given, report: SetupReport
) -> None:
    """Make sure that the agency can take payments online, and say what stands against it.

    Args:
        url: where Stripe is to send the agency's events.

    Raises:
        PortalError: keys that do not go together, or an account that another agency has.
    """
    with reading(engine, agency.id) as session:
        stored = stored_keys(session, settings.box)
    secret_key = stored.secret_key if stored else given.secret_key()
    if not secret_key:
        report.lacking(
            PART,
            "no keys yet: no payments online",
            f"Take the keys from {KEYS_AT} and run this again with {SECRET_KEY_VARIABLE} set.",
        )
        return
    stripe = StripeSetup(secret_key, settings.stripe_sandbox_url, settings.processor_timeout_seconds)
    try:
        account = stripe.account()
        report.done(PART, f"the secret key opens {account}")
        secrets = _webhook_secrets(stripe, url, stored, given, report)
    except KeysRefused:
        new = "the stored key" if stored else f"the key in {SECRET_KEY_VARIABLE}"
        report.broken(PART, f"does not take {new}", f"Take working keys from {KEYS_AT}: flask set-keys {agency.slug}")
        return
    except GatewayError as error:
        report.broken(PART, f"cannot be asked: {error}", "See to it that this machine reaches api.stripe.com by https.")
        return
    if stored is None or secrets != stored.webhook_secrets:
        publishable_key = stored.publishable_key if stored else given.publishable_key()
        descriptor = stored.statement_descriptor if stored else ""
        kept_account = stored.account if stored else account
        keys = ProcessorKeys(kept_account, publishable_key, secret_key, secrets, descriptor)
        with writing(engine, agency.id) as session:
            set_keys(session, settings.box, keys)
            record(session, operator(), "keys.set", "agency", agency.id, clock.now(), account=keys.account)
        report.done(PART, "the keys are stored, encrypted")


def _webhook_secrets(
    stripe: StripeSetup, url: str, stored: ProcessorKeys | None, given: Given, report: SetupReport
) -> tuple[str, ...]:
    """The signing secrets to keep, once Stripe sends its events to us."""
    known = stored.webhook_secrets if stored else ()
    webhook = stripe.webhook(url)
    if webhook is None:
        made = stripe.open_webhook(url)
        report.done(WEBHOOK, f"Stripe sends its events to {url} from now on")
        return (*known, made)
    if not webhook.is_on:
        report.broken(WEBHOOK, f"{url} is switched off at Stripe", f"Switch it on: {WEBHOOKS_AT}")
    elif webhook.missing:
        report.broken(
            WEBHOOK,
            f"{url} does not get {len(webhook.missing)} kinds of events",
            f"Add these at {WEBHOOKS_AT}: {', '.join(webhook.missing)}",
        )
    else:
        report.done(WEBHOOK, f"Stripe sends its events to {url}")
    secret = "" if known else given.webhook_secret()
    if not known and not secret:
        report.lacking(
            WEBHOOK,
            "its signing secret is not known here: what arrives is refused",
            f"Take the signing secret from {WEBHOOKS_AT} and run this again with {WEBHOOK_VARIABLE} set.",
        )
    return (*known, secret) if secret else known


def say_last_event(engine: Engine, settings: Settings, account: str, report: SetupReport) -> None:
    """Whether an event has ever arrived, signed by a secret that is known."""
    with reading_global(engine) as session:
        last = session.scalar(select(func.max(GatewayEvent.received_at)).where(GatewayEvent.account == account))
    if last is None:
        send_one = f"send a test event from {WEBHOOKS_AT}"
        if settings.stripe_sandbox_url:
            send_one = "pay something: the sandbox sends its events here"
        report.lacking(WEBHOOK, "no event has arrived yet", f"Once the portal runs, {send_one}.")
    else:
        report.done(WEBHOOK, f"the last event arrived {last:%Y-%m-%d %H:%M} UTC")
