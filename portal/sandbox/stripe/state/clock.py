"""The stand-in's own time: the real one plus what tests and people have added to it."""

import time

from portal.sandbox.stripe.state.store import Store

FURTHEST = 30 * 365 * 24 * 3600
"""Seconds ahead of the real time: pages and clients can still write the date."""


class Clock:
    """Reads and advances the stand-in's time. The added seconds are kept in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.reading() as connection:
            row = connection.execute("SELECT value FROM setting WHERE name = 'clock_offset'").fetchone()
        self._offset = int(row["value"]) if row else 0

    @property
    def offset_seconds(self) -> int:
        """How many seconds this clock is ahead of the real one."""
        return self._offset

    def exact(self) -> float:
        """Seconds since 1970 with their fraction."""
        return time.time() + self._offset

    def now(self) -> int:
        """Whole seconds since 1970, as Stripe's `created` fields have them."""
        return int(self.exact())

    def advance(self, seconds: int) -> int:
        """Move on by `seconds` (0 or more) and return the new time; at most thirty years ahead in all."""
        if not 0 <= seconds <= FURTHEST - self._offset:
            raise ValueError("a clock only goes forward, and not to the end of days")
        with self._store.writing() as connection:
            self._offset += seconds
            connection.execute("INSERT OR REPLACE INTO setting VALUES ('clock_offset', ?)", (str(self._offset),))
        return self.now()

    def reset(self) -> None:
        """Back to the real time; for use after the store was emptied."""
        self._offset = 0
