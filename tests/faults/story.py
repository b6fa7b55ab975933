"""What a story is: something that is done with money, to be cut off at every point."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.payments.models import Payment
from portal.payments.till import Till
from tests.factories.desk import Desk

Told = Callable[[Payment], None]


def _nothing_more(_desk: Desk, _begun: Any) -> None:
    """Nobody else has a part in it."""


@dataclass(frozen=True)
class Story:
    """One thing that is done.

    Args:
        begin: makes what it needs, in peace.
        go: does it, at a till that fails. Says what the payer was shown.
        calls: how many calls to the processor it makes, at least.
        later: what banks do, whether or not it was cut off.
        in_all_threads: it works on several threads, and commits of each are points.
    """

    begin: Callable[[Desk], Any]
    go: Callable[[Desk, Till, Any, Told], None]
    calls: int
    later: Callable[[Desk, Any], None] = _nothing_more
    in_all_threads: bool = False
