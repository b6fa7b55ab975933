"""The one table of legal moves of a partner's user. Pure."""

from typing import Literal

from portal.core.errors import IllegalMove
from portal.core.text import text

UserState = Literal["invited", "active", "held", "removed"]

MOVES: dict[str, frozenset[str]] = {
    "invited": frozenset({"active", "removed"}),
    "active": frozenset({"removed"}),
    "held": frozenset({"invited", "removed"}),
    "removed": frozenset({"invited", "held"}),
}
LET_IN = frozenset({"invited", "active"})
"""Who may come in: the first sign-in makes an invited user active."""


def check_move(old: str, new: str) -> None:
    """Let a legal move pass.

    Raises:
        IllegalMove: the table does not hold it.
    """
    if new not in MOVES[old]:
        raise IllegalMove(text("This person’s access has changed in the meantime. Please look at it again."))
