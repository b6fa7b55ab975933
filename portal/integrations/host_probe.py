"""Looks at an agency's host from outside: where its name leads, its certificate, and what it answers.

Admins choose the name, so nothing within a private network is ever connected to, the connection goes to the address
that was looked at, no redirect is followed and nothing of an answer is shown.
"""

import ssl
from collections.abc import Sequence
from urllib.parse import urlsplit

import urllib3

from portal.agencies.hosts import HostFound, HostProbe
from portal.core.tenancy import assert_no_open_unit
from portal.integrations.bindhq.addresses import LookUp, is_public, looked_up

PROOF_PATH = "/.well-known/portal-host"
TIMEOUT_SECONDS = 5.0
MOST_BYTES = 200


def open_probe(base_url: str, look_up: LookUp = looked_up, trusted: ssl.SSLContext | None = None) -> HostProbe:
    """Make the probe of a deployment.

    Args:
        base_url: of the shared host; a host is right when its name leads to the same addresses.
        trusted: whom certificates are checked against; None for the system's authorities.
    """
    shared = urlsplit(base_url).hostname or ""

    def probe(host: str, proof: str) -> HostFound:
        assert_no_open_unit()
        found, ours = _addresses(host, look_up), _addresses(shared, look_up)
        if not found:
            return HostFound("none")
        if not all(map(is_public, found)):
            return HostFound("private")
        dns: HostFound = HostFound("here" if set(found) & set(ours) else "elsewhere")
        return _asked(host, found[0], proof, dns, trusted)

    return probe


def _addresses(host: str, look_up: LookUp) -> Sequence[str]:
    try:
        return look_up(host)
    except OSError:
        return ()


def _asked(host: str, address: str, proof: str, dns: HostFound, trusted: ssl.SSLContext | None) -> HostFound:
    pool = urllib3.HTTPSConnectionPool(
        address,
        443,
        timeout=urllib3.Timeout(connect=TIMEOUT_SECONDS, read=TIMEOUT_SECONDS, total=2 * TIMEOUT_SECONDS),
        cert_reqs="CERT_REQUIRED",
        ssl_context=trusted,
        server_hostname=host,
        assert_hostname=host,
    )
    try:
        with pool.urlopen(
            "GET", PROOF_PATH, headers={"Host": host}, redirect=False, retries=False, preload_content=False
        ) as answer:
            said = answer.read(MOST_BYTES).decode("ascii", "replace").strip()
        is_ours = answer.status == 200 and said == proof
        return HostFound(dns.dns, "right", "right" if is_ours else "wrong")
    except urllib3.exceptions.SSLError:
        return HostFound(dns.dns, "wrong")
    except (urllib3.exceptions.HTTPError, OSError):
        return HostFound(dns.dns, "none", "none")
    finally:
        pool.close()
