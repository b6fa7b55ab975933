"""A rate limit per account and endpoint, as Stripe has one (25 a second); off unless switched on."""

import threading
import time
from collections import defaultdict, deque

WINDOW_SECONDS = 1.0


class RateLimits:
    """Counts calls in the last real second. `per_second` None: no limit."""

    def __init__(self) -> None:
        self.per_second: int | None = None
        self._calls: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def allows(self, account: str, endpoint: str) -> bool:
        """Whether one more call fits into this second; counts it if so."""
        if self.per_second is None:
            return True
        with self._lock:
            now = time.monotonic()
            calls = self._calls[(account, endpoint)]
            while calls and calls[0] <= now - WINDOW_SECONDS:
                calls.popleft()
            if len(calls) >= self.per_second:
                return False
            calls.append(now)
            return True
