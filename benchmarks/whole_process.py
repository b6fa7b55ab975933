"""The portal and a hello-world view on the same kind of server, asked over HTTP one request after the other."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from portal.cli.demo import parts
from portal.cli.demo_processor import connect_processor
from portal.cli.demo_settings import Ports, as_environment
from portal.cli.processes import LOCAL, Part, Processes
from portal.settings import Settings

WARM_UP = 60
ROUNDS, IN_A_ROUND = 6, 60
HELLO_PORT = 8399


@contextmanager
def serving_portal(settings: Settings, ports: Ports, folder: Path) -> Iterator[None]:
    """Web server and Stripe sandbox of the demo, on any database that holds its agencies."""
    ports.require_free()
    processes = Processes(folder, as_environment(settings))
    stripe, _, web, *_ = parts(folder, ports)
    try:
        processes.start(stripe)
        processes.wait_until_up(stripe)
        connect_processor(settings)
        processes.start(web)
        processes.wait_until_up(web)
        yield
    finally:
        processes.stop()


@contextmanager
def serving_hello(folder: Path) -> Iterator[None]:
    """The hello-world view on the same server, with the same options."""
    ports = Ports(web=HELLO_PORT)
    command = [*parts(folder, ports)[2].command[:-1], "benchmarks.hello:app"]
    processes = Processes(folder, {})
    part = Part("hello", command, health=f"http://{LOCAL}:{HELLO_PORT}/healthz")
    try:
        processes.start(part)
        processes.wait_until_up(part)
        yield
    finally:
        processes.stop()


def median_ms(url: str, headers: Mapping[str, str]) -> float:
    """Milliseconds of a GET over a kept connection: the median of the best of several rounds."""
    host, _, path = url.removeprefix("http://").partition("/")
    connection = HTTPConnection(host)

    def once() -> float:
        started = time.perf_counter()
        connection.request("GET", f"/{path}", headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            sys.exit(f"{url} answers {answer.status}")
        return (time.perf_counter() - started) * 1000

    for _ in range(WARM_UP):
        once()
    found = min(median(once() for _ in range(IN_A_ROUND)) for _ in range(ROUNDS))
    connection.close()
    return found
