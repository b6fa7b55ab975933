"""The legal moves of a refund, what the processor's words mean for it, and who gives back what. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from portal.core.errors import IllegalMove
from portal.core.text import Text, text

RefundState = Literal["requested", "pending", "requires_action", "succeeded", "failed", "canceled"]

REFUND_MOVES: dict[str, frozenset[str]] = {
    "requested": frozenset({"pending", "requires_action", "succeeded", "failed", "canceled"}),
    "pending": frozenset({"requires_action", "succeeded", "failed", "canceled"}),
    "requires_action": frozenset({"pending", "succeeded", "failed", "canceled"}),
    # A card's bank can send money back that it seemed to have taken.
    "succeeded": frozenset({"failed"}),
    "failed": frozenset(),
    "canceled": frozenset(),
}
UNFAILED = ("requested", "pending", "requires_action", "succeeded")
UNSETTLED = ("requested", "pending", "requires_action")

REASONS: dict[str, Text] = {
    "duplicate": text("Paid twice"),
    "too_much": text("Paid too much"),
    "coverage_changed": text("The coverage was changed or canceled"),
    "requested": text("The customer asked for it"),
    "mistake": text("Charged by mistake"),
    "other": text("Another reason"),
}
"""Why money goes back, as staff choose; the payer reads it too."""
AT_PROCESSOR = "at_processor"
"""The reason of a refund that somebody made at the processor itself."""

RETURN_WINDOW = timedelta(days=60)
"""So long a consumer's bank may take a debit back: a refund within it can pay twice (Nacha rules, return code R10)."""

CLOSED_DISPUTES = frozenset({"won", "lost", "warning_closed", "prevented"})
DISPUTE_BLOCKS = frozenset({"needs_response", "under_review", "lost"})
"""With these the processor refunds nothing any more; while a bank only inquires (`warning_…`) it does."""


def check_refund_move(old: str, new: str) -> None:
    """Let a legal move pass.

    Raises:
        IllegalMove: the table does not hold it.
    """
    if new not in REFUND_MOVES[old]:
        raise IllegalMove(text("A refund that is %(old)s cannot become %(new)s.", old=old, new=new))


def refund_outcome(status: str, state: str) -> str | None:
    """What the processor's word means for a refund, or None when it says nothing new.

    Raises:
        LookupError: a status that only a person can judge.
    """
    if status not in REFUND_MOVES:
        raise LookupError(status)
    return status if status in REFUND_MOVES[state] else None


@dataclass(frozen=True, slots=True)
class Split:
    """How much of an amount in cents each gives back: invoices by id, the card fee, the customer's credit, nobody."""

    parts: Mapping[int, int] = field(default_factory=dict)
    fee_cents: int = 0
    credit_cents: int = 0
    rest_cents: int = 0

    @property
    def amount_cents(self) -> int:
        """What invoices give."""
        return sum(self.parts.values())

    @property
    def total_cents(self) -> int:
        """All of it."""
        return self.amount_cents + self.fee_cents + self.credit_cents + self.rest_cents


def split_back(total_cents: int, covered: Mapping[int, int], fee_cents: int, credit_cents: int) -> Split:
    """Spread what goes back: first what became credit, then the invoices from the last to the first, then the fee.

    >>> split_back(150_00, {1: 100_00, 2: 100_00}, 3_00, 0).parts
    {2: 10000, 1: 5000}
    >>> split_back(210_00, {1: 100_00, 2: 100_00}, 3_00, 5_00).rest_cents
    200

    Args:
        covered: what the payment still pays on each invoice, in the order in which it was spread.
        fee_cents: what is left of its card fee.
        credit_cents: what it brought as credit and is still there.
    """
    credit = min(credit_cents, total_cents)
    left = total_cents - credit
    parts = {}
    for invoice_id in reversed(covered):
        parts[invoice_id] = min(covered[invoice_id], left)
        left -= parts[invoice_id]
    fee = min(fee_cents, left)
    return Split({id_: cents for id_, cents in parts.items() if cents}, fee, credit, left - fee)


def may_be_returned(method_kind: str, paid_on: date, today: date) -> bool:
    """Whether the payer's bank may still take a debit back, so that a refund could pay twice."""
    return method_kind == "us_bank_account" and today - paid_on <= RETURN_WINDOW


def matter_of(kind: str, status: str) -> Literal["returned", "inquiry", "dispute"]:
    """What staff are called for when a dispute gets a status."""
    if kind == "bank":
        return "returned"
    return "inquiry" if status.startswith("warning") else "dispute"


def payer_news(kind: str, before: str | None, status: str) -> Literal["opened", "won", "lost"] | None:
    """What the payer is told when a card's dispute gets a status; of returned debits and mere inquiries nothing here.

    >>> payer_news("card", "warning_needs_response", "needs_response"), payer_news("card", "needs_response", "won")
    ('opened', 'won')
    >>> payer_news("card", None, "warning_needs_response"), payer_news("bank", None, "lost")
    (None, None)

    Args:
        kind: card or bank.
        before: the status so far; None when we first hear of it.
        status: the processor's word now.
    """
    if kind != "card":
        return None
    if status in ("won", "lost"):
        return "won" if status == "won" else "lost"
    is_open = status in DISPUTE_BLOCKS
    return "opened" if is_open and before not in DISPUTE_BLOCKS else None
