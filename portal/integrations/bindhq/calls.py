"""How BindHQ is called: with no unit open, at a checked address, again where it is busy, never elsewhere."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import urllib3

from portal.core.failpoints import failpoint
from portal.core.tenancy import assert_no_open_unit
from portal.integrations.bindhq.addresses import ApiAddress, LookUp, looked_up, public_address
from portal.policy_system.protocol import (
    AuthFailed,
    ChangedSchema,
    CursorGone,
    FieldProblem,
    NotFound,
    Refused,
    Unavailable,
    UnsafeAddress,
)

TRIES = 5
LONGEST_WAIT_SECONDS = 20
"""A Retry-After beyond this is for the job, which comes again later."""
PATIENCE_SECONDS = 90
"""No further try is begun after this."""
KEPT_OPEN = 16
LOOK_UP_AGAIN_SECONDS = 60
LARGEST_ANSWER = 32 * 1024 * 1024
LONGEST_VALUE = 120


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one call is kept at.

    Args:
        tries: how often it is made at the most.
        timeout_seconds: longest wait for a connection, and for an answer.
        sleep: waits so many seconds.
    """

    tries: int = TRIES
    timeout_seconds: float = 15
    sleep: Callable[[float], None] = time.sleep


class Calls:
    """The calls to one BindHQ installation, shared by all threads.

    Args:
        address: where it is.
        headers: what every request carries: the key.
        look_up: the addresses of its host.
    """

    def __init__(
        self, address: ApiAddress, headers: Mapping[str, str], patience: Patience, look_up: LookUp = looked_up
    ) -> None:
        self._address, self._patience, self._look_up = address, patience, look_up
        self._headers = {"Accept": "application/json", "Accept-Encoding": "gzip", **headers}
        self._lock = threading.Lock()
        self._pool: urllib3.HTTPConnectionPool | None = None
        self._pinned, self._pinned_until = "", 0.0
        self._not_before = 0.0

    def ask(self, path: str, query: Mapping[str, str | int | None] | None = None, *, tries: int | None = None) -> Any:
        """GET a resource.

        Args:
            path: behind the API's own.
            query: None values are left out.
            tries: fewer than usual, where a person waits.
        """
        asked = urlencode({name: value for name, value in (query or {}).items() if value is not None})
        return self._kept_at("GET", f"{path}?{asked}" if asked else path, None, {}, tries or self._patience.tries)

    def tell(self, path: str, body: object, key: str | None = None) -> Any:
        """POST something that does no harm when it arrives twice."""
        headers = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}
        return self._kept_at("POST", path, json.dumps(body).encode(), headers, self._patience.tries)

    def _kept_at(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], tries: int) -> Any:
        """Make a call until it is answered.

        Raises:
            PolicySystemError: see `portal/policy_system/protocol.py`.
        """
        started = time.monotonic()
        for number in range(1, tries + 1):
            self._patience.sleep(max(0.0, self._not_before - time.monotonic()))
            try:
                return self._once(method, path, body, headers)
            except Unavailable as busy:
                asked = busy.retry_after_seconds
                wait = asked if asked is not None else 0.5 * 2 ** (number - 1)
                late = time.monotonic() - started + wait > PATIENCE_SECONDS
                if number == tries or wait > LONGEST_WAIT_SECONDS or late:
                    raise
                if asked is not None:  # it means every caller, not this one alone
                    self._not_before = max(self._not_before, time.monotonic() + asked)
                else:
                    self._patience.sleep(wait)
        raise AssertionError("the last try is answered or raises")

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        try:
            status, said, answer = self.send(method, path, body, headers)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unavailable(type(error).__name__) from error
        if 200 <= status < 300:
            return parsed(answer, path)
        raise self._failure(status, said, answer)

    def send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send one request and take its answer, whatever it says. No redirect is followed."""
        assert_no_open_unit()
        failpoint("before call")
        answer = self._connected().urlopen(
            method,
            f"{self._address.path}{path}",
            body=body,
            headers={**self._headers, "Host": self._host, **headers},
            redirect=False,
            retries=False,
            preload_content=False,
        )
        try:
            taken = answer.read(LARGEST_ANSWER + 1, decode_content=True)
        finally:
            answer.release_conn()
        failpoint("after call")
        if len(taken) > LARGEST_ANSWER:
            raise ChangedSchema("the answer", "too large")
        return answer.status, answer.headers, taken

    @property
    def _host(self) -> str:
        address = self._address
        return f"{address.host}:{address.port}" if address.is_sandbox else address.host

    def _connected(self) -> urllib3.HTTPConnectionPool:
        """Connections to the address that the host stands for now, which was looked at."""
        with self._lock:
            now = time.monotonic()
            if self._pool is not None and now < self._pinned_until:
                return self._pool
            address = self._address
            found = address.host if address.is_sandbox else public_address(address.host, self._look_up)
            if self._pool is None or found != self._pinned:
                self._pool, self._pinned = self._pool_to(found), found
            self._pinned_until = now + LOOK_UP_AGAIN_SECONDS
            return self._pool

    def _pool_to(self, found: str) -> urllib3.HTTPConnectionPool:
        seconds = self._patience.timeout_seconds
        timeout = urllib3.Timeout(connect=seconds, read=seconds)
        address = self._address
        if address.scheme == "http":  # the sandbox
            return urllib3.HTTPConnectionPool(found, address.port, timeout=timeout, maxsize=KEPT_OPEN)
        return urllib3.HTTPSConnectionPool(
            found,
            address.port,
            timeout=timeout,
            maxsize=KEPT_OPEN,
            cert_reqs="CERT_REQUIRED",
            server_hostname=address.host,
            assert_hostname=address.host,
        )

    def _failure(self, status: int, said: Mapping[str, str], answer: bytes) -> Exception:
        """What an answer that is not a yes means."""
        if status in (401, 403):
            return AuthFailed(f"HTTP {status}")
        if status == 404:
            return NotFound(f"HTTP {status}")
        if status == 410:
            return CursorGone(f"HTTP {status}")
        if status in (408, 425, 429) or status >= 500:
            after = said.get("Retry-After", "")
            return Unavailable(f"HTTP {status}", int(after) if after.isdecimal() else None)
        if 300 <= status < 400:
            return UnsafeAddress("The address sends us elsewhere (a redirect), which is not followed.")
        return Refused(problems(status, answer))


def parsed(answer: bytes, path: str) -> Any:
    """The JSON of an answer; numbers with a point stay exact.

    Raises:
        ChangedSchema: it is none.
    """
    try:
        return json.loads(answer, parse_float=Decimal)
    except ValueError:
        raise ChangedSchema(path, "not JSON", answer[:LONGEST_VALUE].decode("utf-8", "replace")) from None


def problems(status: int, answer: bytes) -> list[FieldProblem]:
    """What the system has against a request, field by field."""
    try:
        errors = json.loads(answer)["errors"]
        return [
            FieldProblem(
                str((each.get("source") or {}).get("pointer", "")),
                str(each["code"]),
                str(each.get("detail") or each["title"]),
            )
            for each in errors
        ] or [FieldProblem("", f"http_{status}", "")]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [FieldProblem("", f"http_{status}", "")]
