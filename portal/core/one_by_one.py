"""Give each work its turn: one that fails keeps no other from it, and is not passed over in silence."""

from collections.abc import Callable, Iterable
from types import TracebackType

import structlog

from portal.core.tenancy import assert_no_open_unit

_log = structlog.get_logger("portal.jobs")


def one_by_one(works: Iterable[Callable[[], object]]) -> None:
    """Do one after another, all of them, whatever becomes of any.

    Args:
        works: in the order in which they have their turn; each in units of its own.

    Raises:
        UnitOpen: a unit is open, of which a failure would leave half.
        ExceptionGroup: what went wrong, when all have had their turn; the caller's own caller tries again.
    """
    assert_no_open_unit()
    turns = _Turns()
    for work in works:
        with turns:
            work()
    if turns.failed:
        raise ExceptionGroup("some had their turn in vain", turns.failed)


class _Turns:
    """Keeps what went wrong in each turn; the end of the process is none of it."""

    def __init__(self) -> None:
        self.failed: list[Exception] = []

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: TracebackType | None) -> bool:
        if not isinstance(error, Exception):
            return False
        if isinstance(error, ExceptionGroup):  # of works of this one, each logged in its turn
            self.failed.extend(error.exceptions)
        else:
            _log.warning("item.failed", error=type(error).__name__, exc_info=error)
            self.failed.append(error)
        return True
