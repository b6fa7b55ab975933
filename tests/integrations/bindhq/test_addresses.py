"""The connection's address cannot be used to look into the operator's own network."""

import socket
import threading
from contextlib import contextmanager

import pytest

from portal.integrations.bindhq.addresses import api_address, is_public, public_address
from portal.integrations.bindhq.calls import Calls, Patience
from portal.integrations.bindhq.systems import BindHQSystems
from portal.policy_system.protocol import ConnectionDetails, Unavailable, UnsafeAddress

SUFFIXES = ("bindhq.com",)
SANDBOX = "http://localhost:8003"


def test_an_agency_s_address():
    found = api_address(" https://MyMGA.bindhq.com/api/v2/ ", SUFFIXES, "")
    assert (found.scheme, found.host, found.port, found.path) == ("https", "mymga.bindhq.com", 443, "/api/v2")


@pytest.mark.parametrize(
    "url",
    [
        "http://mymga.bindhq.com/api/v2",
        "https://169.254.169.254/api/v2",
        "https://[::1]/api/v2",
        "https://localhost/api/v2",
        "https://bindhq.com/api/v2",
        "https://mymga.bindhq.com.attacker.example/api/v2",
        "https://notbindhq.com/api/v2",
        "https://attacker.example/mymga.bindhq.com",
        "https://user:password@mymga.bindhq.com/api/v2",
        "https://attacker.example#@mymga.bindhq.com/",
        "https://attacker.example\\@mymga.bindhq.com/",
        "https://mymga.bindhq.com:8443/api/v2",
        "https://mymga.bindhq.com/api/../../admin",
        "https://mymga.bindhq.com/api/v2?next=1",
        "https://mymga.bindhq.com/api/v2#x",
        "https://-.bindhq.com/api/v2",
        "https://mymga.bindhq.com:port/",
        "file:///etc/passwd",
        "gopher://mymga.bindhq.com/",
        SANDBOX + "/api/v2",
        "",
    ],
)
def test_others_are_refused(url):
    with pytest.raises(UnsafeAddress):
        api_address(url, SUFFIXES, "")


def test_the_demo_calls_its_own_sandbox_and_nothing_else():
    assert api_address(f"{SANDBOX}/api/v2", SUFFIXES, SANDBOX).is_sandbox
    for url in "https://mymga.bindhq.com/api/v2", "http://localhost:8001/api/v2", "http://a@localhost:8003/api/v2":
        with pytest.raises(UnsafeAddress):
            api_address(url, SUFFIXES, SANDBOX)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:a00:1::",
        "not an address",
    ],
)
def test_addresses_within_a_network_are_not_called(address):
    assert not is_public(address)
    with pytest.raises(UnsafeAddress):
        public_address("mymga.bindhq.com", lambda _host: ["93.184.216.34", address])


def connection(look_up):
    systems = BindHQSystems("", SUFFIXES, Patience(tries=1, timeout_seconds=0.2, sleep=lambda _s: None), look_up)
    return systems.connect(ConnectionDetails("https://mymga.bindhq.com/api/v2", "mymga", "key"))


def test_a_name_that_leads_inside_is_not_called():
    with pytest.raises(UnsafeAddress):
        connection(lambda _host: ["169.254.169.254"]).users()


def test_an_unknown_name_is_unavailable():
    def unknown(_host):
        raise socket.gaierror("no such name")

    with pytest.raises(Unavailable):
        connection(unknown).users()


def test_the_connection_is_made_to_the_address_that_was_looked_at(monkeypatch):
    """Rebinding: what the name says a moment later does not count, and a later look refuses it."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    called = []

    def connect(address, *_args, **_kwargs):
        called.append(address)
        raise TimeoutError

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    monkeypatch.setattr("portal.integrations.bindhq.calls.LOOK_UP_AGAIN_SECONDS", 0)
    system = connection(lambda _host: next(answers))
    with pytest.raises(Unavailable):
        system.users()
    assert called == [("93.184.216.34", 443)]
    with pytest.raises(UnsafeAddress):
        system.users()
    assert called == [("93.184.216.34", 443)]


@contextmanager
def listening():
    """Takes one connection and keeps what was said first."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        said = []

        def take():
            with server.accept()[0] as taken:
                said.append(taken.recv(4096))

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield server.getsockname()[1], said
        thread.join(5)


def test_the_certificate_is_asked_for_by_name():
    address = api_address("https://mymga.bindhq.com/api/v2", SUFFIXES, "")
    calls = Calls(address, {}, Patience(), lambda _host: ["93.184.216.34"])
    pool = calls._connected()
    assert (pool.host, pool.assert_hostname, pool.cert_reqs) == ("93.184.216.34", "mymga.bindhq.com", "CERT_REQUIRED")
    with listening() as (port, said):
        pool.host, pool.port = "127.0.0.1", port
        with pytest.raises(Exception):  # noqa: B017 - it hangs up within the handshake
            pool.urlopen("GET", "/", retries=False)
    assert b"mymga.bindhq.com" in said[0]


@pytest.mark.parametrize("header", ["Host", "X Api", "X-Key\r\nX-Other", ""])
def test_a_header_that_is_none_is_refused(header):
    with pytest.raises(UnsafeAddress):
        BindHQSystems("", SUFFIXES).connect(ConnectionDetails("https://a.bindhq.com/", "a", "key", auth_header=header))


def test_a_key_with_a_line_break_is_refused():
    with pytest.raises(UnsafeAddress):
        BindHQSystems("", SUFFIXES).connect(ConnectionDetails("https://a.bindhq.com/", "a", "key\nX-Other: 1"))


def test_details_do_not_show_the_key():
    assert "very-secret" not in repr(ConnectionDetails("https://a.bindhq.com/", "a", "very-secret"))
