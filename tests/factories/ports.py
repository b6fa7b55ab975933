"""Ports for processes that tests start."""

import socket
from contextlib import suppress
from random import SystemRandom

PORTS = range(10_000, 32_768)
"""Below those that systems give to outgoing connections: one of these could take a port before its process listens."""


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, each another one."""
    found: set[int] = set()
    while len(found) < count:
        port = SystemRandom().choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.add(port)
    return list(found)
