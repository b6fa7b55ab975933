"""What a guest's browser may look at: programs it has found, for fifteen minutes each."""

from collections.abc import Iterable

from flask import session

from portal.access.guest_lookup import CAPABILITY
from portal.core.errors import Gone
from portal.core.text import text
from portal.web.guards import GUEST
from portal.web.services import services

MOST_PROGRAMS = 25
"""In one browser at a time; the cookie has to hold them."""


class LookupOver(Gone):
    """The look-up was too long ago, or in another browser."""

    default = text("For safety this page was open for 15 minutes only. Please look the policy up again.")


def grant(program_ids: Iterable[int]) -> None:
    """Let this browser look at programs that it has just found, besides those it found before."""
    until = int((services().now() + CAPABILITY).timestamp())
    held = _held() | dict.fromkeys(program_ids, until)
    session[GUEST] = list(held.items())[-MOST_PROGRAMS:]


def granted() -> tuple[int, ...]:
    """The programs that this browser may look at now, in the order they were found."""
    return tuple(_held())


def require(program_id: int) -> None:
    """Make sure that this browser may look at a program.

    Raises:
        LookupOver: it may not, or no longer.
    """
    if program_id not in granted():
        raise LookupOver


def _held() -> dict[int, int]:
    """Until when (seconds) it may look at which program. The cookie holds pairs: it would sort a dict by its keys."""
    now = services().now().timestamp()
    return {program_id: until for program_id, until in session.get(GUEST, ()) if until > now}
