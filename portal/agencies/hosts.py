"""An agency's own hosts: added and taken away by its admins, used in mails once everything about them is right."""

import hashlib
import hmac
import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from sqlalchemy import delete, select

from portal.agencies.models import AgencyHost
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.tenancy import Unscoped
from portal.core.text import text

MOST_HOSTS = 5
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+")
RESERVED_ENDINGS = ("localhost", "local", "internal", "lan", "home.arpa", "invalid", "test", "example", "onion")
"""Names that lead nowhere on the internet (RFC 2606, 6761, 6762, 8375) or into somebody's own network."""

Dns = Literal["", "here", "elsewhere", "none", "private"]
Certificate = Literal["", "right", "wrong", "none"]
Answer = Literal["", "right", "wrong", "none"]


@dataclass(frozen=True, slots=True)
class HostFound:
    """What a look at a host has shown; empty where it was not looked at."""

    dns: Dns = ""
    certificate: Certificate = ""
    answer: Answer = ""

    @property
    def is_right(self) -> bool:
        """Whether customers reach the agency there."""
        return (self.dns, self.certificate, self.answer) == ("here", "right", "right")

    @property
    def step(self) -> str:
        """What is wrong first; empty where it was not looked at, or "right"."""
        if self.dns != "here":
            return self.dns
        if self.certificate == "wrong":
            return "no certificate"
        if self.answer != "right":
            return "wrong answer" if self.answer == "wrong" else "no answer"
        return "right"


def is_lost(was_ready: bool, before: HostFound, found: HostFound) -> bool:
    """Whether a host that worked works no longer: two looks in a row were wrong, since one bad moment says nothing.

    >>> is_lost(True, HostFound("elsewhere"), HostFound("none")), is_lost(True, HostFound(), HostFound("none"))
    (True, False)

    Args:
        was_ready: it was right once.
        before: what the look before has shown; empty where there was none.
    """
    return was_ready and bool(before.dns) and not before.is_right and not found.is_right


class HostProbe(Protocol):
    """Looks at a host from outside, with no unit open."""

    def __call__(self, host: str, proof: str) -> HostFound:
        """Look up the host, connect to it, and see whether it answers with the agency's proof."""


def parse_host(raw: str, shared_host: str) -> str:
    """Read a host as a person writes it.

    >>> parse_host(" https://Pay.Quay.com/ ", "portal.com")
    'pay.quay.com'

    Args:
        shared_host: the one that serves all agencies.

    Raises:
        BadInput: no host of the internet, or one that is not the agency's to take.
    """
    host = re.sub(r"^https?://", "", raw.strip().lower()).rstrip("/").removesuffix(".")
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise BadInput(text("“%(host)s” is not a host name. Write it like pay.example.com.", host=host[:80]))
    if _is_address(host) or any(host == each or host.endswith(f".{each}") for each in RESERVED_ENDINGS):
        raise BadInput(text("%(host)s is reserved: it leads nowhere on the internet.", host=host))
    shared = shared_host.partition(":")[0]
    if host == shared or host.endswith(f".{shared}"):
        raise BadInput(text("%(host)s belongs to the portal itself. Give a host of your own.", host=host))
    return host


def proof_of(secret: str, host: str, agency_id: int) -> str:
    """What a host answers that leads to this agency in this deployment; nobody else can say it."""
    said = f"portal host\0{host}\0{agency_id}".encode()
    return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()


def hosts_of(session: Unscoped, agency_id: int) -> list[AgencyHost]:
    """An agency's hosts, the oldest first."""
    query = select(AgencyHost).where(AgencyHost.agency_id == agency_id).order_by(AgencyHost.id)
    return list(session.scalars(query))


def add_host(session: Unscoped, agency_id: int, host: str) -> None:
    """Serve the agency at a host too; mails lead there only once it was found right.

    Args:
        host: as `parse_host` writes it.

    Raises:
        BadInput: the agency has as many as it may.
        Conflict: it is known already.
    """
    if len(hosts_of(session, agency_id)) >= MOST_HOSTS:
        raise BadInput(text("An agency has at most %(most)d hosts. Remove one first.", most=MOST_HOSTS))
    if session.scalar(select(AgencyHost.id).where(AgencyHost.host == host)) is not None:
        raise Conflict(text("%(host)s is in use already.", host=host))
    session.add(AgencyHost(host=host, agency_id=agency_id, is_ready=False, checked_at=None))
    session.flush()


def remove_host(session: Unscoped, agency_id: int, host: str) -> None:
    """Serve the agency there no more.

    Raises:
        NotFound: it is not the agency's.
    """
    _own(session, agency_id, host)
    session.execute(delete(AgencyHost).where(AgencyHost.host == host, AgencyHost.agency_id == agency_id))


def keep_found(session: Unscoped, agency_id: int, host: str, found: HostFound, at: datetime) -> None:
    """Keep what a look has shown. A host that was right once stays in mails: one bad moment changes no links.

    Raises:
        NotFound: it was removed meanwhile.
    """
    row = _own(session, agency_id, host)
    row.dns, row.certificate, row.answer, row.checked_at = found.dns, found.certificate, found.answer, at
    row.is_ready = row.is_ready or found.is_right


def found_of(row: AgencyHost) -> HostFound:
    """What the last look has shown."""
    return HostFound(row.dns, row.certificate, row.answer)  # type: ignore[arg-type]  # stored by keep_found


def _own(session: Unscoped, agency_id: int, host: str) -> AgencyHost:
    row = session.scalars(
        select(AgencyHost).where(AgencyHost.host == host, AgencyHost.agency_id == agency_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
