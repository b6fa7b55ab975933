"""`python -m portal.sandbox.bindhq --port 8003 --db var/bindhq.sqlite`"""

import argparse
import signal
import sys
from pathlib import Path

from portal.sandbox.bindhq.server import serve_in_thread


def main() -> None:
    """Run until SIGINT or SIGTERM."""
    options = argparse.ArgumentParser(prog="python -m portal.sandbox.bindhq", description="A local stand-in for BindHQ")
    options.add_argument("--host", default="127.0.0.1", help="address to listen on (there is no password)")
    options.add_argument("--port", type=int, default=8003)
    options.add_argument("--db", type=Path, required=True, help="SQLite file that keeps the state")
    options.add_argument("--latency-ms", type=int, default=0, help="wait before every API answer")
    given = options.parse_args()
    running = serve_in_thread(given.db, given.port, host=given.host, latency_ms=given.latency_ms)
    sys.stdout.write(f"BindHQ stand-in on {running.url}\n")
    sys.stdout.flush()
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
    running.close()


if __name__ == "__main__":
    # Every thread inherits the mask, so that sigwait gets the signal.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main()
