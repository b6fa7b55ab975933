"""The tables of legal moves of a payout: what the processor says of it, and what the books say. Pure."""

MOVES: dict[str, frozenset[str]] = {
    "pending": frozenset({"in_transit", "paid", "failed", "canceled"}),
    "in_transit": frozenset({"paid", "failed", "canceled"}),
    # The bank can send back what it had taken.
    "paid": frozenset({"failed"}),
    "failed": frozenset(),
    "canceled": frozenset(),
}
BOOKED: dict[str, dict[str, tuple[str, ...]]] = {
    "none": {"created": ("created",), "paid": ("created", "paid"), "failed": ("created", "failed")},
    "created": {"paid": ("paid",), "failed": ("failed",)},
    "paid": {"failed": ("failed",)},
    "failed": {},
}
"""Where the books stand -> where they shall -> the entries on the way."""
BOOKED_OF = {"pending": "created", "in_transit": "created", "paid": "paid", "failed": "failed", "canceled": "failed"}


def next_state(old: str, seen: str) -> str:
    """What a payout becomes when the processor says `seen`; news that is older than what is known changes nothing."""
    return seen if seen in MOVES[old] else old


def steps(booked: str, state: str) -> tuple[str, ...]:
    """The entries that are still to be posted for a payout in this state.

    >>> steps("none", "paid"), steps("created", "in_transit"), steps("paid", "failed")
    (('created', 'paid'), (), ('failed',))
    """
    return BOOKED[booked].get(BOOKED_OF[state], ())
