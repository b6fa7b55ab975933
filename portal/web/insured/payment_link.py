"""The payment link that an insured hands on to whoever pays for them."""

from portal.web.services import agency, services


def payment_link(token: str | None) -> str:
    """Its absolute address; empty if there is none."""
    return services().links.url(agency(), "link.pay", token=token) if token else ""
