"""Calls to Stripe whose answers are taken as they come.

By its endpoints' methods the package makes an object of every part of an answer, and takes each apart again for us:
half of what a call costs here. Keys, version, encoding, connections and errors are the package's all the same.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from stripe import StripeClient

Found = dict[str, Any]
PAGE = 100


def path(*parts: str) -> str:
    """An address in the API.

    >>> path("payment_intents", "pi_1/2", "confirm")
    '/v1/payment_intents/pi_1%2F2/confirm'
    """
    return "/".join(["/v1", *(quote(part, safe="") for part in parts)])


def get(client: StripeClient, address: str, asked: Mapping[str, Any] | None = None) -> Found:
    """Read one thing, or a page of a list.

    Raises:
        stripe.StripeError: as the package's own methods.
    """
    found: Found = client.raw_request("get", address, **(asked or {})).data
    return found


def post(client: StripeClient, address: str, asked: Mapping[str, Any] | None = None, key: str = "") -> Found:
    """Have something done.

    Args:
        key: the idempotency key; without one the package makes one for this call.

    Raises:
        stripe.StripeError: as the package's own methods.
    """
    options = {"idempotency_key": key} if key else {}
    found: Found = client.raw_request("post", address, **(asked or {}), **options).data
    return found


def every(client: StripeClient, address: str, asked: Mapping[str, Any]) -> Iterator[Found]:
    """What a list holds, newest first, page by page.

    Raises:
        stripe.StripeError: as the package's own methods.
    """
    after: dict[str, str] = {}
    while True:
        page = get(client, address, {**asked, "limit": PAGE, **after})
        yield from page["data"]
        if not (page["has_more"] and page["data"]):
            return
        after = {"starting_after": page["data"][-1]["id"]}
