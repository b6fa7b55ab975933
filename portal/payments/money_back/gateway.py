"""What refunds and disputes need from a processor: a part of `payments/gateway.py`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Movement:
    """A balance transaction.

    Args:
        amount_cents: negative for what left the account, before the fee.
        fee_cents: taken besides; negative when given back.
    """

    id: str
    amount_cents: int
    fee_cents: int


@dataclass(frozen=True, slots=True)
class RefundSeen:
    """A refund as the processor reports it.

    Args:
        status: pending, requires_action, succeeded, failed or canceled.
        moved, moved_back: what it did to the balance: out, and in again if it failed.
    """

    id: str
    status: str
    amount_cents: int
    intent_id: str
    failure_code: str | None
    metadata: Mapping[str, str]
    moved: Movement | None
    moved_back: Movement | None


@dataclass(frozen=True, slots=True)
class NewRefund:
    """A refund to be made of an intent's charge. `key` is the idempotency key."""

    intent_id: str
    amount_cents: int
    key: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DisputeSeen:
    """A dispute as the processor reports it.

    Args:
        status: needs_response, under_review, won, lost, or with `warning_` an inquiry that withdraws nothing.
        is_bank: of a bank debit: the return itself, which nobody can contest.
        network_code: the card network's or Nacha's code; empty if unknown.
        due_at: until when evidence can be handed in; None when there is nothing to hand in.
    """

    id: str
    status: str
    reason: str
    network_code: str
    intent_id: str
    amount_cents: int
    is_bank: bool
    due_at: datetime | None
    opened_at: datetime
    movements: tuple[Movement, ...]


class MoneyBack(Protocol):
    """The part of a gateway that refunds and disputes need. No method may be called with a transaction open."""

    def create_refund(self, new: NewRefund) -> RefundSeen:
        """Send money back."""

    def retrieve_refund(self, refund_id: str) -> RefundSeen:
        """The refund as it is."""

    def refunds_of(self, intent_id: str) -> Iterable[RefundSeen]:
        """Every refund of an intent's charges."""

    def refunds_since(self, moment: datetime) -> Iterable[RefundSeen]:
        """Every refund made since a moment, all pages."""

    def retrieve_dispute(self, dispute_id: str) -> DisputeSeen:
        """The dispute as it is."""

    def disputes_since(self, moment: datetime) -> Iterable[DisputeSeen]:
        """Every dispute opened since a moment, all pages."""
