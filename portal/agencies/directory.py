"""Which agency a request is for: by its own host, or by the first part of the path. Cached for a moment."""

import time
from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy import Engine, select

from portal.agencies.models import Agency, AgencyHost
from portal.core.tenancy import reading_global

FRESH_SECONDS = 5.0
RESERVED_SLUGS = frozenset(
    {
        "static",
        "brands",
        "api",
        "webhooks",
        "healthz",
        "readyz",
        "metrics",
        "csp-report",
        "tls-ask",
        "admin",
        "assets",
    }
)


@dataclass(frozen=True, slots=True)
class _Seen:
    at: float = -FRESH_SECONDS
    by_slug: dict[str, Agency] = field(default_factory=dict)
    by_host: dict[str, Agency] = field(default_factory=dict)
    ready: dict[int, str] = field(default_factory=dict)


class Directory:
    """All agencies of the deployment. Rows are detached: read them, never change them.

    An agency or host added at run time is known within five seconds.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._seen = _Seen()
        self._lock = Lock()

    def by_slug(self, slug: str) -> Agency | None:
        """The agency at /<slug>/."""
        return self._fresh().by_slug.get(slug)

    def by_host(self, host: str) -> Agency | None:
        """The agency with a domain of its own, `host` as in the Host header."""
        return self._fresh().by_host.get(host)

    def by_id(self, agency_id: int) -> Agency | None:
        """The agency with this id."""
        return next((agency for agency in self._fresh().by_slug.values() if agency.id == agency_id), None)

    def host_of(self, agency: Agency) -> str | None:
        """The domain of its own that an agency's mails lead to, if any: the oldest that is ready."""
        return self._fresh().ready.get(agency.id)

    def forget(self) -> None:
        """Read again at the next question."""
        self._seen = _Seen()

    def _fresh(self) -> _Seen:
        if time.monotonic() - self._seen.at < FRESH_SECONDS:
            return self._seen
        with self._lock:
            if time.monotonic() - self._seen.at >= FRESH_SECONDS:
                self._seen = self._read()
            return self._seen

    def _read(self) -> _Seen:
        with reading_global(self._engine) as session:
            by_id = {agency.id: agency for agency in session.scalars(select(Agency))}
            rows = session.scalars(select(AgencyHost).order_by(AgencyHost.id.desc())).all()
            hosts = {row.host: by_id[row.agency_id] for row in rows}
            ready = {row.agency_id: row.host for row in rows if row.is_ready}
            session.expunge_all()
        return _Seen(time.monotonic(), {agency.slug: agency for agency in by_id.values()}, hosts, ready)
