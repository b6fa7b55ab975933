"""A small HTTP server for a WSGI app on this machine: one thread for each connection, which stays open between calls.

Werkzeug's own server hangs up after each answer and looks for more to read first: that costs more than most answers.
"""

import io
import socket
import socketserver
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from threading import Lock
from typing import Any
from urllib.parse import unquote_to_bytes

Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
"""A WSGI app."""
LONGEST_LINE = 65_536
WITHOUT_PREFIX = ("CONTENT_TYPE", "CONTENT_LENGTH")


def refusal(status: HTTPStatus) -> bytes:
    """An answer without the app, after which the connection ends."""
    return f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


class Connection(socketserver.StreamRequestHandler):
    """Reads requests and writes answers, until the caller hangs up or the server ends."""

    disable_nagle_algorithm = True
    server: "Server"

    def handle(self) -> None:
        """One request after the other."""
        with self.server.keeping(self.connection):
            try:
                while self._exchange():
                    pass
            except (ConnectionError, TimeoutError):
                return  # the caller has gone

    def _exchange(self) -> bool:
        """One request and its answer; says whether there may be another."""
        environ = self._head()
        if environ is None:
            return False
        if "HTTP_TRANSFER_ENCODING" in environ:
            self.wfile.write(refusal(HTTPStatus.LENGTH_REQUIRED))
            return False
        if environ.get("HTTP_EXPECT", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            return False
        environ["wsgi.input"] = io.BytesIO(body)
        stays: bool = environ["SERVER_PROTOCOL"] == "HTTP/1.1" and environ.get("HTTP_CONNECTION", "").lower() != "close"
        answer = refusal(HTTPStatus.INTERNAL_SERVER_ERROR)
        try:
            answer = self._answer(environ, stays=stays)
        finally:  # a mistake of the app's own is answered too, and then shown on the terminal
            self.wfile.write(answer)
        return stays

    def _head(self) -> Environ | None:
        """Request line and headers; None when the caller has hung up, or speaks something else."""
        words = self.rfile.readline(LONGEST_LINE).decode("latin-1").split()
        if len(words) != 3:
            return None
        method, target, protocol = words
        path, _, query = target.partition("?")
        host, port = self.server.server_address[:2]
        environ: Environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": protocol,
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        while (line := self.rfile.readline(LONGEST_LINE)) not in (b"\r\n", b"\n"):
            if not line.endswith(b"\n"):
                return None
            name, _, value = line.decode("latin-1").partition(":")
            key = name.upper().replace("-", "_")
            key = key if key in WITHOUT_PREFIX else f"HTTP_{key}"
            environ[key] = f"{environ[key]},{value.strip()}" if key in environ else value.strip()
        return environ

    def _answer(self, environ: Environ, *, stays: bool) -> bytes:
        head: list[str] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Any:
            head[:] = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]

        parts: Iterable[bytes] = self.server.app(environ, start_response)
        try:
            body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        if not any(line.lower().startswith("content-length:") for line in head):
            head.append(f"Content-Length: {len(body)}")
        if not stays:
            head.append("Connection: close")
        return "\r\n".join([*head, "", ""]).encode("latin-1") + (b"" if environ["REQUEST_METHOD"] == "HEAD" else body)


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Listens, and hands each connection to a thread.

    Args:
        address: host and port, 0 for a free one.
        app: what answers.
    Raises:
        OSError: the port is taken.
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], app: App) -> None:
        self.app = app
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__(address, Connection)

    @contextmanager
    def keeping(self, connection: socket.socket) -> Iterator[None]:
        """While a connection is open."""
        with self._lock:
            self._open.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(connection)

    def hang_up(self) -> None:
        """End every connection, once what is being answered has been."""
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RD)
