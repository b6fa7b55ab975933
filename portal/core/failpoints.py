"""Places where a process may end: before and after each commit, before and after each call to the outside.

They do nothing, unless a test has set a hook; or in the demo, where PORTAL_FAIL_AT ends a process at one of them, so
that tests see real processes die. `settings.py` starts nothing with it outside the demo.
"""

import os
from collections.abc import Callable
from itertools import count

Hook = Callable[[str], None]
"""Is told the name of each failpoint that is passed; raises to end what goes on there."""
ENDED = 86
"""The status of a process that ended at a failpoint."""

_hook: Hook | None = None


def failpoint(name: str) -> None:
    """A place where the process may end.

    Args:
        name: before commit, after commit, before call or after call.
    """
    if _hook is not None:
        _hook(name)


def set_hook(hook: Hook | None) -> None:
    """Have every failpoint of this process call a hook, or none."""
    global _hook
    _hook = hook


def end_process_at(number: int) -> None:
    """End this process at its nth failpoint as a power cut would: nothing is rolled back, handled or said."""
    passed = count(1)

    def end(_name: str) -> None:
        if next(passed) == number:
            os._exit(ENDED)

    set_hook(end)
