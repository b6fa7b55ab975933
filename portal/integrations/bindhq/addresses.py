"""Which addresses the portal calls as BindHQ: none that an agency's staff could use to look into our own network.

The name is looked up here, every address it stands for must be a public one, and the connection is made to the address
that was looked at: a name that points elsewhere a moment later (DNS rebinding) leads nowhere.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from portal.policy_system.protocol import UnsafeAddress

HTTPS = 443
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})+")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")

LookUp = Callable[[str], Sequence[str]]
"""The addresses that a host name stands for."""


@dataclass(frozen=True, slots=True)
class ApiAddress:
    """Where an API is.

    Args:
        path: what stands before every resource, without a slash at its end.
        is_sandbox: the demo's own stand-in, on this machine.
    """

    scheme: str
    host: str
    port: int
    path: str
    is_sandbox: bool


def api_address(url: str, suffixes: Sequence[str], sandbox_url: str) -> ApiAddress:
    """Check the address that staff wrote; nothing is looked up yet.

    Args:
        url: as https://mymga.bindhq.com/api/v2
        suffixes: of hosts that may be called, such as bindhq.com; the operator decides.
        sandbox_url: of the stand-in, which alone is called where there is one; empty outside the demo.

    Raises:
        UnsafeAddress: it may not be called; says why.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise UnsafeAddress("This is not an address.") from None
    host, path = (parts.hostname or "").removesuffix("."), parts.path.rstrip("/")
    if sandbox_url:
        own = urlsplit(sandbox_url)
        if (parts.scheme, host, port, parts.username) != (own.scheme, own.hostname, own.port, None):
            raise UnsafeAddress(f"The demo calls its own BindHQ sandbox only: {sandbox_url}/api/v2")
        return ApiAddress(parts.scheme, host, port or HTTPS, path, is_sandbox=True)
    if not suffixes:
        raise UnsafeAddress("The demo calls its own BindHQ sandbox only, and none is running.")
    if parts.scheme != "https":
        raise UnsafeAddress("The address must start with https://.")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise UnsafeAddress("The address must be host and path alone, as https://mymga.bindhq.com/api/v2.")
    if port not in (None, HTTPS):
        raise UnsafeAddress("The address must not name a port.")
    if not _HOST.fullmatch(host) or not any(host.endswith(f".{suffix}") for suffix in suffixes):
        raise UnsafeAddress(f"The host must end in {' or '.join(f'.{suffix}' for suffix in suffixes)}.")
    if not _PATH.fullmatch(path) or ".." in path:
        raise UnsafeAddress("The path of the address cannot be used.")
    return ApiAddress("https", host, HTTPS, path, is_sandbox=False)


def looked_up(host: str) -> Sequence[str]:
    """Ask the system for a host's addresses.

    Raises:
        OSError: it does not know the host.
    """
    return [str(found[4][0]) for found in socket.getaddrinfo(host, HTTPS, type=socket.SOCK_STREAM)]


def public_address(host: str, look_up: LookUp = looked_up) -> str:
    """The address to connect to for a host.

    Raises:
        UnsafeAddress: one of its addresses is private, link-local, our own or otherwise not of the public internet.
        OSError: the host is not known.
    """
    addresses = look_up(host)
    if not addresses:
        raise OSError(f"{host} has no address")
    for address in addresses:
        if not is_public(address):
            raise UnsafeAddress(f"{host} stands for an address within a private network.")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet; of one wrapped into IPv6, what is inside counts.

    >>> is_public("93.184.216.34"), is_public("169.254.169.254"), is_public("::ffff:10.0.0.1")
    (True, False, False)
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if inside is not None:
            found = inside
        elif found in ipaddress.ip_network("64:ff9b::/96"):
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.is_global and not found.is_multicast
