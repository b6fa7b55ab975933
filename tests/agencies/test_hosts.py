"""Which hosts an agency may take, and how one is looked at from outside without looking into anybody's network."""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Engine

from portal.agencies.directory import Directory
from portal.agencies.hosts import HostFound, add_host, hosts_of, keep_found, parse_host, proof_of, remove_host
from portal.core import clock
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.tenancy import writing_global
from portal.integrations.host_probe import open_probe
from tests.factories.people import make_agency

SHARED = "portal.agencies-pay.com"


@pytest.mark.parametrize(
    "wrong",
    [
        "", "quay", "10.0.0.1", "[::1]", "localhost", "pay.localhost", "pay.local", "a.internal", "pay.example",
        "printer.lan", "pay.quay.com:8443", "pay.quay.com/x", "-a.quay.com", "a..quay.com", "me@quay.com",
        SHARED, f"quay.{SHARED}", "a" * 64 + ".com", "päy.com",
    ],
)  # fmt: skip
def test_hosts_that_nobody_may_take(wrong: str) -> None:
    with pytest.raises(BadInput):
        parse_host(wrong, f"{SHARED}:443")


def looking(names: dict[str, Sequence[str]]) -> Callable[[str], Sequence[str]]:
    def look_up(host: str) -> Sequence[str]:
        if host not in names:
            raise OSError("unknown")
        return names[host]

    return look_up


@pytest.mark.parametrize(
    ("leads_to", "found"),
    [
        ((), HostFound("none")),
        (("10.1.2.3",), HostFound("private")),
        (("127.0.0.1",), HostFound("private")),
        (("169.254.169.254",), HostFound("private")),
        (("93.184.216.34", "::ffff:192.168.0.1"), HostFound("private")),
    ],
)
def test_nothing_private_is_connected_to(leads_to: Sequence[str], found: HostFound) -> None:
    look_up = looking({SHARED: ["93.184.216.34"], **({"pay.quay.com": leads_to} if leads_to else {})})
    assert open_probe(f"https://{SHARED}", look_up)("pay.quay.com", "proof") == found


def test_mails_lead_to_a_host_once_it_was_found_right(engine: Engine) -> None:
    agency, other = make_agency(engine, "oak"), make_agency(engine, "elm")
    directory, now = Directory(engine), clock.now()
    with writing_global(engine) as session:
        add_host(session, agency.id, "pay.oak.com")
    with pytest.raises(Conflict), writing_global(engine) as session:
        add_host(session, other.id, "pay.oak.com")
    with pytest.raises(NotFound), writing_global(engine) as session:
        remove_host(session, other.id, "pay.oak.com")
    assert directory.by_host("pay.oak.com") is not None
    assert directory.host_of(agency) is None
    for found, used in (
        (HostFound("here", "right", "wrong"), None),
        (HostFound("here", "right", "right"), "pay.oak.com"),
    ):
        with writing_global(engine) as session:
            keep_found(session, agency.id, "pay.oak.com", found, now)
        directory.forget()
        assert directory.host_of(agency) == used
    with writing_global(engine) as session:
        keep_found(session, agency.id, "pay.oak.com", HostFound("here", "none", "none"), now)
    directory.forget()
    assert directory.host_of(agency) == "pay.oak.com", "one bad moment changes no links"
    with writing_global(engine) as session:
        remove_host(session, agency.id, "pay.oak.com")
        assert hosts_of(session, agency.id) == []
    directory.forget()
    assert directory.by_host("pay.oak.com") is None


def test_the_proof_is_of_one_host_and_agency() -> None:
    proofs = {
        proof_of("s", "a.com", 1),
        proof_of("s", "a.com", 2),
        proof_of("s", "b.com", 1),
        proof_of("t", "a.com", 1),
    }
    assert len(proofs) == 4
