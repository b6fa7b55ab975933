"""Payouts to partners: the table of legal moves, and on which day whose turn it is. Pure."""

from datetime import date, timedelta

from portal.core.errors import IllegalMove
from portal.core.text import Text, text

RUN_MOVES: dict[str, frozenset[str]] = {
    "proposed": frozenset({"approved", "dropped"}),
    "approved": frozenset({"paid", "dropped"}),
    "paid": frozenset(),
    "dropped": frozenset(),
}
"""A run: proposed by the schedule or by a person, approved by another, sent to the bank and paid; or dropped."""
PAYOUT_MOVES: dict[str, frozenset[str]] = {
    "proposed": frozenset({"left_out", "dropped", "paid"}),
    "left_out": frozenset(),
    "dropped": frozenset(),
    "paid": frozenset({"returned"}),
    "returned": frozenset(),
}
"""One partner's payout in a run. What is left out, dropped or returned is open again, for a later run."""
HOLDS = frozenset({"proposed", "paid"})
"""States in which a payout holds its commissions: no other payout has them."""
MONDAY = 0


def check_run_move(old: str, new: str) -> None:
    """Let a legal move pass.

    Raises:
        IllegalMove: the table does not hold it.
    """
    if new not in RUN_MOVES[old]:
        raise IllegalMove(_REFUSED)


def check_payout_move(old: str, new: str) -> None:
    """Let a legal move pass.

    Raises:
        IllegalMove: the table does not hold it.
    """
    if new not in PAYOUT_MOVES[old]:
        raise IllegalMove(_REFUSED)


_REFUSED: Text = text("This payout has changed since you looked. Nothing was done. Please look at it again.")


def turn(schedule: str, today: date) -> date:
    """The last day, today included, on which partners of a schedule have their turn.

    Weekly ones on Mondays, biweekly ones on every other Monday, monthly ones on the first.

    >>> monday = date(2026, 11, 16)
    >>> [turn(each, date(2026, 11, 20)).isoformat() for each in ("daily", "weekly", "biweekly", "monthly")]
    ['2026-11-20', '2026-11-16', '2026-11-09', '2026-11-01']
    """
    monday = today - timedelta(days=today.weekday() - MONDAY)
    match schedule:
        case "weekly":
            return monday
        case "biweekly":
            return monday - timedelta(days=7 * (monday.toordinal() // 7 % 2))
        case "monthly":
            return today.replace(day=1)
        case _:
            return today


def has_its_turn(schedule: str, proposed_on: date | None, today: date) -> bool:
    """Whether a schedule's turn has come since payouts were last proposed; one that was missed is made up for.

    Args:
        proposed_on: the last day on which they were; None if they never were: then everybody has their turn.

    >>> has_its_turn("weekly", date(2026, 11, 13), date(2026, 11, 17))
    True
    >>> has_its_turn("weekly", date(2026, 11, 16), date(2026, 11, 17))
    False
    """
    return proposed_on is None or proposed_on < turn(schedule, today)
