"""What a guest's browser may look at: programs it has found, for fifteen minutes each."""

from collections.abc import Iterable

from flask import session

from portal.access.guest_lookup import CAPABILITY
from portal.core.errors import Gone
from portal.core.text import text
from portal.web.guards import GUEST
from portal.web.services import services


class LookupOver(Gone):
    """The look-up was too long ago, or in another browser."""

    default = text("For safety this page was open for 15 minutes only. Please look the policy up again.")


def grant(program_ids: Iterable[int]) -> None:
    """Let this browser look at programs that it has just found."""
    until = int((services().now() + CAPABILITY).timestamp())
    session[GUEST] = {str(program_id): until for program_id in program_ids}


def granted() -> tuple[int, ...]:
    """The programs that this browser may look at now."""
    now = services().now().timestamp()
    held: dict[str, int] = session.get(GUEST, {})
    return tuple(int(program_id) for program_id, until in held.items() if until > now)


def require(program_id: int) -> None:
    """Make sure that this browser may look at a program.

    Raises:
        LookupOver: it may not, or no longer.
    """
    if program_id not in granted():
        raise LookupOver
