"""What the processor's own books hold: movements of the balance, payouts, charges. `integrations/stripe` reads them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BalanceSeen:
    """One movement of the account's balance.

    Args:
        kind: the processor's type, like charge, refund, adjustment, payout, stripe_fee.
        source_id: what it belongs to: a charge, refund, dispute or payout; empty for what belongs to nothing.
        amount_cents: what comes in, negative for what goes out; before the fee.
        fee_cents: what the processor keeps of it; negative when given back.
    """

    id: str
    kind: str
    source_id: str
    amount_cents: int
    fee_cents: int
    created_at: datetime

    @property
    def net_cents(self) -> int:
        """What it does to the balance."""
        return self.amount_cents - self.fee_cents


@dataclass(frozen=True, slots=True)
class PayoutSeen:
    """A payout to the agency's bank.

    Args:
        status: the processor's word: pending, in_transit, paid, failed, canceled.
        amount_cents: negative when the processor takes money from the bank.
        is_automatic: whether the processor made it by its schedule; only then it says what it pays out.
        is_reconciled: whether the list of what it pays out is complete.
        trace: by which the bank's statement names it; may be empty.
        failure: why it failed, in the processor's code; may be empty.
    """

    id: str
    status: str
    amount_cents: int
    is_automatic: bool
    is_instant: bool
    is_reconciled: bool
    created_at: datetime
    arrives_on: date
    trace: str
    failure: str


@dataclass(frozen=True, slots=True)
class ChargeSeen:
    """A charge that succeeded, with what the intent's metadata say of it."""

    id: str
    intent_id: str
    amount_cents: int
    created_at: datetime
    metadata: Mapping[str, str]


class BooksGateway(Protocol):
    """The part of the gateway that reads the processor's books; all pages, newest first."""

    def balance_since(self, moment: datetime) -> Iterable[BalanceSeen]:
        """Every movement of the balance since a moment."""

    def balance_of_payout(self, payout_id: str) -> Iterable[BalanceSeen]:
        """What an automatic payout pays out, the movement of the payout itself included."""

    def payouts_since(self, moment: datetime) -> Iterable[PayoutSeen]:
        """Every payout made since a moment."""

    def payout(self, payout_id: str) -> PayoutSeen:
        """One payout as it is."""

    def charges_since(self, moment: datetime) -> Iterable[ChargeSeen]:
        """Every charge made since a moment that has succeeded."""
