"""Run several processes as one: start in order, wait until each answers, stop together. For the demo and the tests."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOCAL = "127.0.0.1"
START_SECONDS = 120.0
"""A guard against waiting for ever: a machine with too much to do has taken 40 s for the web server's imports alone."""
STOP_SECONDS = 25.0
PAUSE_SECONDS = 0.05


class StartFailed(RuntimeError):
    """A process did not come up; the message is for the person who started it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One process.

    Args:
        name: how it is called in messages, and its log file.
        command: what to run.
        health: an address that answers once it is up; or
        said: a line in its log that says so.
    """

    name: str
    command: Sequence[str]
    health: str = ""
    said: str = ""


def require_free(port: int, variable: str, host: str = LOCAL) -> None:
    """Make sure that nobody listens on a port.

    Args:
        port: the port.
        variable: what to set to choose another, for the message.

    Raises:
        StartFailed: the port is busy, or not for this user.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            other = f"choose another: make demo {variable}={port + 1000 if port < 60_000 else port - 1000}"
            if isinstance(error, PermissionError):
                raise StartFailed(f"Port {port} is for root alone; {other}") from error
            raise StartFailed(f"Port {port} is in use. Stop what uses it, or {other}") from error


class Processes:
    """The running processes. Each has a session of its own, so that Ctrl-C reaches only whoever supervises.

    Args:
        folder: where the logs go, one file per process.
        environment: the settings of the processes; PORTAL_* variables around us do not reach them.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        self._environment = {**inherited, **environment, "PYTHONUNBUFFERED": "1"}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def log(self, name: str) -> Path:
        """The log file of a process."""
        return self._folder / f"{name}.log"

    def start(self, part: Part) -> None:
        """Start a process; its log begins anew."""
        with self.log(part.name).open("wb") as log:
            self._running[part.name] = subprocess.Popen(  # noqa: S603 - our own commands
                part.command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_up(self, part: Part) -> None:
        """Wait for a process that was started.

        Raises:
            StartFailed: it ended, or took too long; with the end of its log.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._running[part.name].poll() is not None:
                raise StartFailed(f"The {part.name} process ended while starting:\n{self.tail(part.name)}")
            if self._is_up(part):
                return
            time.sleep(PAUSE_SECONDS)
        raise StartFailed(f"The {part.name} process is not up after {START_SECONDS:.0f} s:\n{self.tail(part.name)}")

    def _is_up(self, part: Part) -> bool:
        if part.said:
            return part.said in self.log(part.name).read_text(errors="replace")
        try:
            with urllib.request.urlopen(part.health, timeout=2):  # noqa: S310 - our own address  # nosec B310
                return True
        except urllib.error.HTTPError:
            return False
        except OSError:
            return False

    def tail(self, name: str, lines: int = 15) -> str:
        """The end of a process's log."""
        return "\n".join(self.log(name).read_text(errors="replace").splitlines()[-lines:])

    def ended(self) -> str | None:
        """The name of a process that ended by itself, if one did."""
        return next((name for name, process in self._running.items() if process.poll() is not None), None)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process and what it started."""
        os.killpg(self._running[name].pid, number)

    def kill(self, name: str) -> None:
        """End a process the hard way, as a crash would."""
        self.signal(name, signal.SIGKILL)
        self._running.pop(name).wait()

    def stop(self) -> None:
        """Ask all to stop, the last started first; end those that do not."""
        for name in reversed(self._running):
            if self._running[name].poll() is None:
                self.signal(name, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for name, process in self._running.items():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.signal(name, signal.SIGKILL)
                process.wait()
        self._running.clear()
