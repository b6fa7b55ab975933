"""Entries about money at the processor that no customer's payment makes: fees, payouts, what nobody knows. Pure.

`cents` are signed: what the processor's balance gains. An entry mirrors itself when they are negative.
"""

from datetime import date

from portal.ledger.postings import (
    PAYOUT_IN_TRANSIT,
    PROCESSOR_CLEARING,
    PROCESSOR_FEES,
    PROCESSOR_RESERVE,
    SUSPENSE,
    TRUST_BANK,
    Entry,
    Line,
)


def transaction_fee(transaction: str, fee_cents: int, booked_on: date) -> Entry:
    """What the processor keeps of a charge or dispute. Dr processor fees; Cr processor clearing."""
    return _moved("transaction_fee", transaction, PROCESSOR_FEES, -fee_cents, booked_on)


def processor_fee(transaction: str, cents: int, booked_on: date) -> Entry:
    """A fee by itself. Dr processor fees; Cr processor clearing."""
    return _moved("processor_fee", transaction, PROCESSOR_FEES, cents, booked_on)


def reserve_held(transaction: str, cents: int, booked_on: date) -> Entry:
    """The processor holds money back, or releases it. Dr processor reserve; Cr processor clearing."""
    return _moved("reserve", transaction, PROCESSOR_RESERVE, cents, booked_on)


def unexplained(transaction: str, cents: int, booked_on: date) -> Entry:
    """A movement that nothing here explains. Dr processor clearing; Cr suspense."""
    return _moved("unexplained", transaction, SUSPENSE, cents, booked_on)


def explained(transaction: str, cents: int, fee_cents: int, booked_on: date) -> Entry:
    """It is explained now, by an entry of its own: out of suspense again.

    Args:
        fee_cents: the fee that was posted beside it, if that entry holds it too.
    """
    lines = Line(PROCESSOR_CLEARING, fee_cents - cents), Line(SUSPENSE, cents), Line(PROCESSOR_FEES, -fee_cents)
    return Entry("explained", transaction, booked_on, tuple(line for line in lines if line.cents))


def came_and_went(transaction: str, cents: int, booked_on: date) -> Entry:
    """Money that was announced and taken back before it was ours: through suspense, where both halves cancel out."""
    return _moved("came_and_went", transaction, SUSPENSE, cents, booked_on)


def payout_created(payout: str, cents: int, booked_on: date) -> Entry:
    """Money is on its way to the bank. Dr payout in transit; Cr processor clearing."""
    return _moved("payout_created", payout, PAYOUT_IN_TRANSIT, -cents, booked_on)


def payout_paid(payout: str, cents: int, booked_on: date) -> Entry:
    """The bank has it. Dr trust bank; Cr payout in transit."""
    return Entry("payout_paid", payout, booked_on, (Line(TRUST_BANK, cents), Line(PAYOUT_IN_TRANSIT, -cents)))


def payout_failed(payout: str, cents: int, *, was_paid: bool, booked_on: date) -> Entry:
    """The bank has sent it back. Dr processor clearing; Cr payout in transit, or trust bank if it was there."""
    back_from = TRUST_BANK if was_paid else PAYOUT_IN_TRANSIT
    return _moved("payout_failed", payout, back_from, cents, booked_on)


def _moved(kind: str, ref: str, against: str, cents: int, booked_on: date) -> Entry:
    return Entry(kind, ref, booked_on, (Line(PROCESSOR_CLEARING, cents), Line(against, -cents)))
