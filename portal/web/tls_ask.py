"""Which hosts a proxy may get certificates for: those of agencies, and the shared one. Asked by the proxy alone.

Caddy asks `/tls-ask?domain=…` before it gets a certificate for a host that it has not seen (its `on_demand_tls`).
Without this, whoever points a domain here would have certificates made until the authority refuses us any.
"""

import time
from ipaddress import ip_address, ip_network

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from portal.web.csp_report import Budget
from portal.web.guards import deployment
from portal.web.services import services

PATH = "/tls-ask"
MOST_A_MINUTE = 240
NEAR = tuple(
    ip_network(block) for block in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1", "fc00::/7")
)
"""This machine and private networks (RFC 1918, RFC 4193)."""

routes = Blueprint("tls_ask", __name__)

_budget = Budget(MOST_A_MINUTE)


@routes.get(PATH)
@deployment
def tls_ask() -> ResponseReturnValue:
    """200 for a host that is served here, 404 for any other and for whoever comes through the proxy, 429 in a hurry."""
    if not _is_proxy():
        abort(404)
    if not _budget.take(time.monotonic()):
        return "", 429
    host = request.args.get("domain", "").lower().rstrip(".")
    parts = services()
    is_ours = host == parts.links.shared_host.partition(":")[0] or parts.directory.by_host(host) is not None
    return ("", 200) if is_ours else ("", 404)


def _is_proxy() -> bool:
    """Whether the request comes from this machine or its private network, and was not passed on for somebody."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        asking = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return any(asking in network for network in NEAR)
