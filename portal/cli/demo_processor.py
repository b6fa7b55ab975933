"""Open an account at the Stripe sandbox for each demo agency, and have it send its events to us."""

from textwrap import shorten

from sqlalchemy import Engine, select
from stripe import StripeClient

from portal.agencies.keys import ProcessorKeys, read_keys, set_keys
from portal.agencies.models import Agency
from portal.core.db import make_engine
from portal.core.secrets import SecretBox
from portal.core.tenancy import reading, reading_global, writing
from portal.settings import Settings


def webhook_url(settings: Settings, slug: str) -> str:
    """Where an agency's events are sent."""
    return f"{settings.base_url}/{slug}/webhooks/processor"


def secret_key(slug: str) -> str:
    """Of an agency's account at the sandbox."""
    return f"sk_test_sandbox_{slug}"


def connect_processor(settings: Settings) -> None:
    """Give every agency keys of the sandbox and a webhook; what is in place already stays as it is.

    Args:
        settings: of the demo; its Stripe sandbox must be up.
    """
    engine = make_engine(settings.database_url)
    box = settings.box
    with reading_global(engine) as session:
        agencies = [(agency.id, agency.slug, agency.name) for agency in session.scalars(select(Agency))]
    for agency_id, slug, name in agencies:
        _connect(engine, box, settings, agency_id, slug, name)
    engine.dispose()


def _connect(engine: Engine, box: SecretBox, settings: Settings, agency_id: int, slug: str, name: str) -> None:
    key = secret_key(slug)
    url = webhook_url(settings, slug)
    endpoints = StripeClient(key, base_addresses={"api": settings.stripe_sandbox_url}).v1.webhook_endpoints
    with reading(engine, agency_id) as session:
        known = read_keys(session, box)
    registered = {endpoint.url: endpoint.id for endpoint in endpoints.list({"limit": 100}).auto_paging_iter()}
    if known is not None and url in registered:
        return
    for endpoint_id in registered.values():
        endpoints.delete(endpoint_id)
    made = endpoints.create({"url": url, "enabled_events": ["*"]})
    keys = ProcessorKeys(
        account=f"sandbox_{slug}",
        publishable_key=f"pk_test_sandbox_{slug}",
        secret_key=key,
        webhook_secrets=(str(made.secret),),
        statement_descriptor=shorten(name.upper(), 22, placeholder=""),
    )
    with writing(engine, agency_id) as session:
        set_keys(session, box, keys)
