"""The one table of legal moves of a payment. Pure."""

from typing import Literal

from portal.core.errors import IllegalMove
from portal.core.text import text

State = Literal[
    "created", "ready", "submitted", "action_required", "processing", "succeeded", "declined", "failed", "canceled"
]

MOVES: dict[str, frozenset[str]] = {
    "created": frozenset({"ready", "canceled"}),
    "ready": frozenset({"submitted", "succeeded", "canceled"}),
    "submitted": frozenset({"submitted", "action_required", "processing", "succeeded", "declined", "canceled"}),
    "action_required": frozenset({"processing", "succeeded", "declined", "canceled"}),
    "processing": frozenset({"succeeded", "declined", "canceled"}),
    "declined": frozenset({"failed", "succeeded"}),
    # A success is never discarded: money that arrives on a closed payment becomes customer credit.
    "failed": frozenset({"succeeded"}),
    "canceled": frozenset({"succeeded"}),
    "succeeded": frozenset(),
}

CLOSED = frozenset({"succeeded", "failed", "canceled"})
UNDER_WAY = frozenset({"created", "ready", "submitted", "action_required", "processing", "declined"})


def check_move(old: str, new: str) -> None:
    """Let a legal move pass.

    Raises:
        IllegalMove: the table does not hold it.
    """
    if new not in MOVES[old]:
        raise IllegalMove(text("A payment that is %(old)s cannot become %(new)s.", old=old, new=new))


def outcome(intent_status: str, error_code: str | None, state: str) -> str | None:
    """What an intent's status means for a payment, or None when it says nothing new.

    `requires_payment_method` means both "never confirmed" and "declined": declined only with an error.

    Args:
        intent_status: the processor's word.
        error_code: of its last try.
        state: the payment's.

    Raises:
        LookupError: a status that only a person can judge.
    """
    match intent_status:
        case "succeeded":
            new = "succeeded"
        case "processing":
            new = "processing"
        case "requires_action":
            new = "action_required"
        case "requires_payment_method" | "requires_confirmation":
            new = "declined" if error_code else state
        case "canceled":
            new = "failed" if state == "declined" else "canceled"
        case _:
            raise LookupError(intent_status)
    return new if new in MOVES[state] and new != state else None
