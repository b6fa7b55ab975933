"""The connections to Stripe: one pool for all threads, each call in its turn.

Stripe's own clients open a connection for each thread and look up proxies at each call: that costs as much as the call.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import stripe
import urllib3
from urllib3.util import make_headers

from portal.integrations.stripe.rate import Rate, endpoint_of

KEPT_OPEN = 48
"""More than the threads of a bulk run, which call at once."""


class RatedClient(stripe.HTTPClient):
    """An HTTP client for Stripe's package.

    Args:
        api_base: the address that is called; the environment says whether by a proxy.
        rate: gives each call its moment.
        timeout_seconds: longest wait for a connection, and for an answer.
    """

    name = "urllib3"

    def __init__(self, api_base: str, rate: Rate, timeout_seconds: float) -> None:
        super().__init__()
        self._rate = rate
        self._pool = connections_to(api_base, timeout_seconds)

    def request(  # type: ignore[override]  # as Stripe's own clients override it
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Wait for its turn, then send it.

        Raises:
            stripe.APIConnectionError: there was no answer, or half of one.
        """
        self._rate.wait(endpoint_of(method, url))
        try:
            answer = self._pool.request(
                method.upper(), url, body=post_data, headers=headers, redirect=False, retries=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise stripe.APIConnectionError(f"{type(error).__name__}: {error}") from error  # type: ignore[no-untyped-call]
        return answer.data, answer.status, answer.headers

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._pool.clear()


def connections_to(api_base: str, timeout_seconds: float) -> urllib3.PoolManager:
    """Connections to an address, directly or by the proxy that the environment names for it."""
    address = urlsplit(api_base)
    how: dict[str, Any] = {
        "maxsize": KEPT_OPEN,
        "timeout": urllib3.Timeout(connect=timeout_seconds, read=timeout_seconds),
        "cert_reqs": "CERT_REQUIRED",
        "ca_certs": stripe.ca_bundle_path,
    }
    proxy = getproxies().get(address.scheme)
    if proxy is None or proxy_bypass(address.netloc):
        return urllib3.PoolManager(**how)
    named = urlsplit(proxy)
    who = f"{unquote(named.username)}:{unquote(named.password or '')}" if named.username else None
    return urllib3.ProxyManager(proxy, proxy_headers=make_headers(proxy_basic_auth=who), **how)
