"""Runs the stand-in: threads for requests, one for webhooks, all in one process."""

import threading
from dataclasses import dataclass
from pathlib import Path

from portal.sandbox.listening import Server
from portal.sandbox.stripe.app import create_app, create_machine
from portal.sandbox.stripe.delivery import Deliverer
from portal.sandbox.stripe.wire.pipeline import Machine

LOOK_FOR_END_SECONDS = 0.05


@dataclass
class Running:
    """A stand-in that is up. `url` has no slash at its end; `close` stops it and keeps the file."""

    url: str
    port: int
    machine: Machine
    _server: Server
    _thread: threading.Thread
    _deliverer: Deliverer

    def close(self) -> None:
        """Stop answering, finish the webhook that is being sent, close the file."""
        self.machine.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.hang_up()
        self._deliverer.stop()
        self.machine.store.close()

    def wait(self) -> None:
        """Block until the server ends."""
        self._thread.join()


def serve_in_thread(db_path: str | Path, port: int = 0, *, host: str = "127.0.0.1", latency_ms: int = 0) -> Running:
    """Start the stand-in and return at once.

    Args:
        db_path: the SQLite file that keeps its state.
        port: 0 takes a free one.
        host: address to listen on; there is no password, so keep it local.
        latency_ms: waited before every API answer.
    Raises:
        OSError: the port is taken.
    """
    machine = create_machine(db_path, latency_ms=latency_ms)
    server = Server((host, port), create_app(machine))
    port = int(server.server_address[1])
    thread = threading.Thread(
        target=server.serve_forever, args=(LOOK_FOR_END_SECONDS,), name="stripe-sandbox", daemon=True
    )
    deliverer = Deliverer(machine)
    thread.start()
    deliverer.start()
    return Running(f"http://{host}:{port}", port, machine, server, thread, deliverer)
