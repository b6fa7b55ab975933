"""What was tried and seen, added up; written down as JSON, so that a long run can be continued."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Figures:
    """Counts of one batch, or of all of them.

    Args:
        seen: histories, charges, crashes, kills, faults by kind, …
        crashed: place in the product -> how often a process ended there.
        slowest_minutes: the longest time to converge, on the payers' clock.
        slowest_seconds: the same for real processes, on ours.
        noticed_by: of a safeguard taken away, the test that failed first.
    """

    seen: Counter[str] = field(default_factory=Counter)
    crashed: Counter[str] = field(default_factory=Counter)
    slowest_minutes: float = 0
    slowest_seconds: float = 0
    noticed_by: str = ""

    def add(self, other: "Figures") -> None:
        """Both together."""
        self.seen.update(other.seen)
        self.crashed.update(other.crashed)
        self.slowest_minutes = max(self.slowest_minutes, other.slowest_minutes)
        self.slowest_seconds = max(self.slowest_seconds, other.slowest_seconds)

    def written(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "seen": dict(self.seen),
            "crashed": dict(self.crashed),
            "slowest_minutes": self.slowest_minutes,
            "slowest_seconds": self.slowest_seconds,
            "noticed_by": self.noticed_by,
        }


def read(written: dict[str, Any]) -> Figures:
    """From JSON."""
    return Figures(**{**written, "seen": Counter(written["seen"]), "crashed": Counter(written["crashed"])})
