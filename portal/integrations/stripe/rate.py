"""How fast one account is called: so many calls a second of each endpoint, shared by all threads of the process.

Stripe allows 25 a second for each endpoint and 100 for an account (https://docs.stripe.com/rate-limits). Calls are
spaced evenly, not let through in bursts: no second holds more than the rate, whichever second one looks at.
"""

import re
import time
from collections.abc import Callable
from threading import Lock

_ID = re.compile(r"/[a-z]+_[A-Za-z0-9_]*[A-Z0-9][A-Za-z0-9_]*")
"""A number at Stripe has a digit or a capital; the name of an endpoint has none."""


def endpoint_of(method: str, url: str) -> str:
    """The endpoint that a call is counted for: method and path, ids left out.

    >>> endpoint_of("post", "https://api.stripe.com/v1/payment_intents/pi_123/confirm?expand[]=x")
    'POST /v1/payment_intents/*/confirm'
    """
    path = "/" + url.partition("://")[2].partition("/")[2].partition("?")[0]
    return f"{method.upper()} {_ID.sub('/*', path)}"


class Rate:
    """Gives each call of an endpoint its moment.

    Args:
        per_second: calls of each endpoint; 0 for as many as come.
        now, sleep: the clock that runs evenly, in seconds, and waiting on it.
    """

    def __init__(
        self,
        per_second: float,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._apart = 1 / per_second if per_second else 0.0
        self._now, self._sleep = now, sleep
        self._free_at: dict[str, float] = {}
        self._lock = Lock()

    def wait(self, endpoint: str) -> None:
        """Return when a call may be made. Whoever wakes late goes late: nothing is made up for."""
        while self._apart:
            with self._lock:
                now = self._now()
                wait = self._free_at.get(endpoint, now) - now
                if wait <= 0:
                    self._free_at[endpoint] = now + self._apart
                    return
            self._sleep(wait)
