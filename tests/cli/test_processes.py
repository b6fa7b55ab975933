"""Supervising processes: a busy port is named, a failing start shows its log, all are stopped together."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from portal.cli.demo import alone, port_of, reset
from portal.cli.processes import Part, Processes, StartFailed, require_free
from tests.factories.ports import free_ports

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); print('up'); time.sleep(60)"]


@pytest.fixture
def busy_port():
    """A port that somebody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_busy_port_is_named_with_its_variable(busy_port):
    with pytest.raises(StartFailed) as error:
        require_free(busy_port, "WEB_PORT")
    assert str(error.value).startswith(f"Port {busy_port} is in use.")
    assert "make demo WEB_PORT=" in str(error.value)
    assert "\n" not in str(error.value)


def test_the_demo_ends_at_once_when_a_port_is_busy(busy_port):
    names = "web", "stripe", "smtp"
    others = [word for name, port in zip(names, free_ports(3), strict=True) for word in (f"--{name}-port", str(port))]
    ended = subprocess.run(
        [sys.executable, "-m", "portal.cli.demo", "--inbox-port", str(busy_port), *others],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert f"Port {busy_port} is in use." in ended.stderr
    assert "INBOX_PORT" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("port", ["abc", "0", "99999", "-1"])
def test_what_is_no_port_is_said_so(port):
    with pytest.raises(StartFailed, match=f"“{port}” is not a port"):
        port_of(port)


def test_what_was_started_is_stopped(tmp_path):
    processes = Processes(tmp_path, {})
    part = Part("sleeper", SLEEPER, said="up")
    processes.start(part)
    processes.wait_until_up(part)
    assert processes.ended() is None
    pid = processes._running["sleeper"].pid
    processes.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_what_does_not_stop_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("portal.cli.processes.STOP_SECONDS", 0.5)
    processes = Processes(tmp_path, {})
    part = Part("stubborn", STUBBORN, said="up")
    processes.start(part)
    processes.wait_until_up(part)
    process = processes._running["stubborn"]
    processes.stop()
    assert process.returncode == -signal.SIGKILL


def test_a_start_that_fails_shows_why(tmp_path):
    processes = Processes(tmp_path, {})
    part = Part("broken", [sys.executable, "-c", "raise SystemExit('no database here')"], said="never")
    processes.start(part)
    with pytest.raises(StartFailed, match="no database here"):
        processes.wait_until_up(part)


def test_settings_around_us_do_not_reach_the_processes(tmp_path, monkeypatch):
    monkeypatch.setenv("PORTAL_MODE", "production")
    processes = Processes(tmp_path, {"PORTAL_WORKER_SLOT": "one"})
    show = "import os; print(sorted(n for n in os.environ if n.startswith('PORTAL_')), 'end', flush=True)"
    part = Part("show", [sys.executable, "-c", f"{show}; import time; time.sleep(60)"], said="end")
    processes.start(part)
    processes.wait_until_up(part)
    processes.stop()
    assert processes.tail("show") == "['PORTAL_WORKER_SLOT'] end"


def test_one_demo_at_a_time_uses_a_folder(tmp_path):
    (tmp_path / "portal.db").touch()
    with alone(tmp_path):
        with pytest.raises(StartFailed, match="A demo runs already"), alone(tmp_path):
            pass
        with pytest.raises(StartFailed, match="A demo runs already"):
            reset(tmp_path)
    assert (tmp_path / "portal.db").exists()
    reset(tmp_path)
    assert not tmp_path.exists()
