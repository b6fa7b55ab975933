"""The legal moves of a saved method and of an attempt to add one; what a card's expiry means today. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal

from portal.core.errors import IllegalMove
from portal.core.text import text

METHOD_MOVES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "pending_verification": frozenset({"active", "unverified", "disabled", "removed"}),
        "active": frozenset({"disabled", "removed"}),
        "unverified": frozenset({"removed"}),
        "disabled": frozenset({"removed"}),
        "removed": frozenset(),
    }
)
SETUP_MOVES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "created": frozenset({"submitted", "canceled"}),
        "submitted": frozenset({"action_required", "verifying", "succeeded", "failed", "canceled"}),
        "action_required": frozenset({"verifying", "succeeded", "failed", "canceled"}),
        "verifying": frozenset({"succeeded", "failed", "canceled"}),
        "succeeded": frozenset(),
        "failed": frozenset(),
        "canceled": frozenset(),
    }
)
SETTLED = frozenset({"succeeded", "failed", "canceled"})
DEPOSITS = "verify_with_microdeposits"
WARN_BEFORE = timedelta(days=60)
"""So long before its last day a card is called one that expires soon."""


def check_method_move(old: str, new: str) -> None:
    """Let a legal move of a method pass.

    Raises:
        IllegalMove: the table does not hold it.
    """
    if new not in METHOD_MOVES[old]:
        raise IllegalMove(text("A payment method that is %(old)s cannot become %(new)s.", old=old, new=new))


def setup_outcome(status: str, error_code: str | None, next_action: str | None, state: str) -> str | None:
    """What a setup intent's status means for an attempt, or None when it says nothing new.

    `requires_payment_method` means both "never confirmed" and "refused": refused only with an error.

    Args:
        status, error_code, next_action: the processor's words.
        state: the attempt's.

    >>> setup_outcome("requires_payment_method", "card_declined", None, "submitted")
    'failed'
    >>> setup_outcome("requires_payment_method", None, None, "submitted") is None
    True
    """
    new: str
    match status:
        case "succeeded" | "canceled":
            new = status
        case "requires_action":
            new = "verifying" if next_action == DEPOSITS else "action_required"
        case "requires_payment_method" if error_code:
            new = "failed"
        case _:
            return None
    return new if new in SETUP_MOVES[state] else None


def expires_after(year: int, month: int) -> date:
    """The last day on which a card is good.

    >>> expires_after(2026, 12)
    datetime.date(2026, 12, 31)
    """
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def expiry(year: int | None, month: int | None, today: date) -> Literal["", "soon", "expired"]:
    """Whether a card has expired or does soon; it is good to the last day of its month.

    >>> expiry(2026, 11, date(2026, 11, 30)), expiry(2026, 11, date(2026, 12, 1)), expiry(2027, 3, date(2026, 11, 21))
    ('soon', 'expired', '')
    """
    if year is None or month is None:
        return ""
    over = expires_after(year, month) + timedelta(days=1)
    if today >= over:
        return "expired"
    return "soon" if today >= over - WARN_BEFORE else ""
