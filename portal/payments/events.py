"""News of payments."""

from dataclasses import dataclass

from portal.core.events import Event


@dataclass(frozen=True, slots=True)
class PaymentSettled(Event):
    """A payment succeeded and is in the books."""

    payment_id: int


@dataclass(frozen=True, slots=True)
class CheckBounced(Event):
    """The bank has not paid a check: what it had paid is open again."""

    payment_id: int


@dataclass(frozen=True, slots=True)
class BankDebitSent(Event):
    """A bank debit that its payer has authorized is with their bank, or has been there."""

    payment_id: int


@dataclass(frozen=True, slots=True)
class PaymentFailed(Event):
    """A payment was declined or given up, and the payer was not there to see it: nothing was charged."""

    payment_id: int


@dataclass(frozen=True, slots=True)
class RefundSent(Event):
    """Money is on its way back to a payer."""

    refund_id: int
    payment_id: int


@dataclass(frozen=True, slots=True)
class RefundFailed(Event):
    """A refund was sent and came back: the payer's bank did not take it."""

    refund_id: int
    payment_id: int


@dataclass(frozen=True, slots=True)
class DisputeOpened(Event):
    """A payer's bank asks for a payment back, or has taken it; `matter` is returned, inquiry or dispute."""

    payment_id: int
    dispute_id: int
    matter: str


@dataclass(frozen=True, slots=True)
class PaymentReturned(Event):
    """A bank debit that had succeeded was returned: what it paid is open again."""

    payment_id: int
    dispute_id: int


@dataclass(frozen=True, slots=True)
class DisputeNews(Event):
    """What the payer of a disputed card payment reads; `news` is opened, won or lost."""

    payment_id: int
    dispute_id: int
    news: str
