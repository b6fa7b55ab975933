"""`/metrics` for Prometheus: requests of this machine's web processes, and what waits in the database. About nobody."""

import hmac
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, abort, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine

from portal.reports.operations import Numbers, numbers
from portal.web.guards import deployment

if TYPE_CHECKING:
    pass

EXTENSION = "portal_metrics"
SHARED = "PROMETHEUS_MULTIPROC_DIR"
FRESH_SECONDS = 15.0
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LOOPBACK = frozenset({"127.0.0.1", "::1"})

routes = Blueprint("metrics", __name__)


def share_metrics(folder: Path) -> None:
    """Let the web processes of this machine count together; called before the first of them counts.

    Args:
        folder: theirs alone; what processes have left that ended is deleted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.db"):
        pid = path.stem.rpartition("_")[2]
        if pid.isdigit() and not _is_alive(int(pid)):
            path.unlink(missing_ok=True)
    os.environ[SHARED] = str(folder)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Metrics:
    """The numbers of this process.

    Args:
        engine: the portal's database.
        now: the clock.
        token: who may read them from elsewhere; empty: nobody.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime], token: str) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self.token = token
        self._read: Callable[[], Numbers] = lambda: numbers(engine, now())
        self._own = CollectorRegistry()
        self._requests = Counter("portal_requests", "Requests", ["route", "method", "status"], registry=self._own)
        self._seconds = Histogram(
            "portal_request_seconds", "Time to answer", ["route"], buckets=BUCKETS, registry=self._own
        )
        self._kept: tuple[float, Numbers] | None = None
        self._lock = Lock()

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        own: CollectorRegistry = self._own
        if SHARED in os.environ:
            own = CollectorRegistry()
            MultiProcessCollector(own)  # type: ignore[no-untyped-call]
        stored = CollectorRegistry()
        stored.register(_Stored(self._numbers()))
        return generate_latest(own) + generate_latest(stored)

    def _numbers(self) -> Numbers:
        """What the database says; asked a few times a minute, however many ask us."""
        with self._lock:
            if self._kept is None or time.monotonic() - self._kept[0] > FRESH_SECONDS:
                self._kept = time.monotonic(), self._read()
            return self._kept[1]


class _Stored:
    """What the database says, as gauges."""

    def __init__(self, found: Numbers) -> None:
        self._found = found

    def collect(self) -> Iterator[Any]:
        """The gauges."""
        from prometheus_client.core import GaugeMetricFamily

        payments = GaugeMetricFamily("portal_payments", "Payments by their state", labels=["state"])
        for state, count in sorted(self._found.payments.items()):
            payments.add_metric([state], count)
        yield payments
        for name, waiting in ("outbox", self._found.outbox), ("inbox", self._found.inbox):
            yield GaugeMetricFamily(f"portal_{name}_waiting", f"Rows in the {name}", value=waiting.rows)
            yield GaugeMetricFamily(
                f"portal_{name}_oldest_seconds", f"Age of the oldest row in the {name}", value=waiting.oldest_seconds
            )
        yield GaugeMetricFamily(
            "portal_payments_unclear_oldest_seconds",
            "Age of the oldest payment that may or may not have charged",
            value=self._found.unclear_seconds,
        )
        yield GaugeMetricFamily(
            "portal_accounts_closed", "Agencies that take no payments online", value=self._found.closed_accounts
        )
        policies = self._found.policies
        for name, says, value in (
            ("imports_waiting", "Records of policy systems that wait to be imported", policies.waiting),
            ("imports_failed", "Records of policy systems that cannot be imported", policies.failed),
            ("receipts_waiting", "Receipts on their way to policy systems", policies.receipts_waiting),
            ("receipts_refused", "Receipts that policy systems refuse", policies.receipts_refused),
            ("feed_seconds", "Since the feed that has stood longest was read", policies.feed_seconds),
            ("systems_in_trouble", "Policy systems that refuse us or do not answer", policies.in_trouble),
        ):
            yield GaugeMetricFamily(f"portal_policy_{name}", says, value=value)
        if self._found.heartbeat_seconds is not None:
            yield GaugeMetricFamily(
                "portal_worker_heartbeat_seconds", "Since jobs were last worked", value=self._found.heartbeat_seconds
            )


def init_metrics(app: Flask, metrics: Metrics) -> None:
    """Serve them."""
    app.extensions[EXTENSION] = metrics
    app.register_blueprint(routes)


@routes.get("/metrics")
@deployment
def show() -> ResponseReturnValue:
    """The numbers, for whoever has the token, or asks on this machine and not through a proxy."""
    metrics: Metrics = current_app.extensions[EXTENSION]
    if not _may_read(metrics.token):
        abort(404)
    return metrics.text(), 200, {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}


def _may_read(token: str) -> bool:
    given = request.headers.get("Authorization", "")
    if token:
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    return request.remote_addr in LOOPBACK and "X-Forwarded-For" not in request.headers
