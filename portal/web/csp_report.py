"""Where browsers report what the content security policy has stopped: counted and logged, never stored.

Anyone can send anything here, and addresses of pages hold secrets. So little of a report is kept: which rule, and the
site that was stopped.
"""

import json
import re
import time
from collections.abc import Iterator
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.web.guards import deployment

PATH = "/csp-report"
LARGEST = 16 * 1024
MOST_A_MINUTE = 60
MOST_AT_ONCE = 10
TYPES = frozenset({"application/csp-report", "application/reports+json"})

_DIRECTIVE = re.compile(r"[a-z]{3,12}-src(-elem|-attr)?|form-action|base-uri|frame-ancestors")
_WORDS = frozenset({"inline", "eval", "wasm-eval", "data", "blob", "self"})
_SITE = re.compile(r"[a-z-]{2,20}://[a-z0-9.:-]{1,100}")
_log = structlog.get_logger("portal.web")

routes = Blueprint("csp", __name__)


class Budget:
    """At most so many a minute, in this process; the rest is dropped."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = -1
        self._taken = 0
        self._lock = Lock()

    def take(self, seconds: float) -> bool:
        """Whether one more may come, `seconds` on a clock that only goes forward."""
        minute = int(seconds // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._taken = minute, 0
            self._taken += 1
            return self._taken <= self._most


_budget = Budget(MOST_A_MINUTE)


@routes.post(PATH)
@deployment
def report() -> ResponseReturnValue:
    """Take one browser's reports, in the old shape (report-uri) or the new one (report-to)."""
    if request.mimetype not in TYPES:
        return "", 415
    request.max_content_length = LARGEST
    body = request.get_data()
    for violation in violations(body):
        if _budget.take(time.monotonic()):
            _log.warning("csp.violation", **violation)
    return "", 204


def violations(body: bytes) -> Iterator[dict[str, str]]:
    """What may be logged of a request's reports; nothing of what is not one.

    >>> list(violations(b'{"csp-report": {"violated-directive": "img-src", "blocked-uri": "https://a.example/x?y"}}'))
    [{'directive': 'img-src', 'blocked': 'https://a.example'}]
    """
    try:
        sent: Any = json.loads(body)
    except (ValueError, RecursionError):
        return
    entries = sent if isinstance(sent, list) else [sent]
    for entry in entries[:MOST_AT_ONCE]:
        found = entry.get("csp-report") or entry.get("body") if isinstance(entry, dict) else None
        if isinstance(found, dict):
            rule = _first(found, "effective-directive", "effectiveDirective", "violated-directive")
            yield {"directive": _directive(rule), "blocked": _blocked(_first(found, "blocked-uri", "blockedURL"))}


def _first(found: dict[str, Any], *names: str) -> str:
    return next((str(found[name]) for name in names if found.get(name)), "")


def _directive(said: str) -> str:
    name = said.partition(" ")[0]
    return name if _DIRECTIVE.fullmatch(name) else "other"


def _blocked(said: str) -> str:
    """The site alone: paths and queries may hold what is nobody's business."""
    if said in _WORDS:
        return said
    try:
        parts = urlsplit(said)
    except ValueError:
        return "other"
    site = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
    return site if _SITE.fullmatch(site) else "other"
