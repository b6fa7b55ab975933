"""The stand-in's own HTTP server: connections stay open, and what does not arrive whole is not done."""

import http.client
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from portal.sandbox.listening import Environ, Server
from portal.sandbox.stripe.server import Running


@contextmanager
def serving(app: Callable[[Environ, Callable[..., Any]], Iterable[bytes]]) -> Iterator[int]:
    server = Server(("127.0.0.1", 0), app)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        server.hang_up()


def echo(environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    line = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {environ['QUERY_STRING']} "
    return [line.encode("latin-1"), read(environ)]


def read(environ: Environ) -> bytes:
    body: bytes = environ["wsgi.input"].read()
    return body


def raw(port: int, sent: bytes) -> bytes:
    """What comes back on a connection of its own, until it ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_a_connection_takes_one_call_after_the_other(sandbox: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    connection.request("GET", "/sandbox/health")
    first = connection.sock
    assert connection.getresponse().read()
    connection.request("POST", "/v1/customers", "email=a%40b.example", {"Authorization": "Bearer sk_test_sandbox_x"})
    answer = connection.getresponse()
    assert (answer.status, b'"object": "customer"' in answer.read()) == (200, True)
    assert connection.sock is first
    sandbox.close()
    with pytest.raises((http.client.HTTPException, OSError)):
        connection.request("GET", "/sandbox/health")
        connection.getresponse()


def test_method_path_query_and_body_arrive() -> None:
    with serving(echo) as port:
        head = b"POST /a%20b/%C3%A9?x=1&y=%20 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n"
        assert raw(port, head + b"\r\nbody").endswith("POST /a b/é x=1&y=%20 body".encode())
        assert b"\r\nConnection: close\r\n" in raw(port, head + b"Connection: close\r\n\r\nbody")


def test_nothing_is_done_for_a_call_that_breaks_off() -> None:
    seen = []

    def app(environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
        seen.append(environ["PATH_INFO"])
        return echo(environ, start_response)

    with serving(app) as port:
        assert raw(port, b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Le") == b""
        assert raw(port, b"POST /x HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf") == b""
        assert raw(port, b"nonsense\r\n\r\n") == b""
        chunked = raw(port, b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")
        assert chunked.startswith(b"HTTP/1.1 411 ")
    assert seen == []


def test_a_mistake_of_the_app_is_answered_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    def app(_environ: Environ, _start_response: Callable[..., Any]) -> list[bytes]:
        raise LookupError("a mistake")

    with serving(app) as port:
        assert raw(port, b"GET / HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 500 ")
    assert "LookupError: a mistake" in capsys.readouterr().err
