"""The command that runs a stand-in until it is stopped."""

import argparse
import signal
import sys
from pathlib import Path
from typing import Protocol

ENDING = {signal.SIGINT, signal.SIGTERM}


class Running(Protocol):
    """A stand-in that is up."""

    url: str

    def close(self) -> None:
        """Stop it and keep its file."""


class Serve(Protocol):
    """Starts a stand-in and returns at once."""

    def __call__(self, db_path: Path, port: int, *, host: str, latency_ms: int) -> Running:
        """See `serve_in_thread` of each stand-in."""


def run(name: str, port: int, serve: Serve) -> None:
    """Run until SIGINT or SIGTERM.

    Args:
        name: what it stands in for; its package is named so too.
        port: where it listens unless the command says otherwise.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # every thread inherits the mask, so that sigwait gets the signal
    module = f"python -m portal.sandbox.{name.lower()}"
    options = argparse.ArgumentParser(prog=module, description=f"A local stand-in for {name}")
    options.add_argument("--host", default="127.0.0.1", help="address to listen on (there is no password)")
    options.add_argument("--port", type=int, default=port)
    options.add_argument("--db", type=Path, required=True, help="SQLite file that keeps the state")
    options.add_argument("--latency-ms", type=int, default=0, help="wait before every API answer")
    given = options.parse_args()
    running = serve(given.db, given.port, host=given.host, latency_ms=given.latency_ms)
    sys.stdout.write(f"{name} stand-in on {running.url}\n")
    sys.stdout.flush()
    signal.sigwait(ENDING)
    running.close()
