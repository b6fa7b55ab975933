"""Entries about what the agency owes its partners on direct bill. Pure."""

from datetime import date

from portal.ledger.postings import COMMISSION_EXPENSE, Entry, Line

COMMISSION_PAYABLE = "commission_payable"
OPERATING_BANK = "operating_bank"


def commission_accrued(ref: str, policy_id: int, cents: int, booked_on: date) -> Entry:
    """A partner has earned commission. Dr commission expense; Cr commission payable; mirrored for what is taken back.

    Args:
        ref: the entry of the books that paid for the premium, and the policy.
        cents: negative for what is taken back.
    """
    lines = (
        Line(COMMISSION_EXPENSE, cents, policy_id=policy_id),
        Line(COMMISSION_PAYABLE, -cents, policy_id=policy_id),
    )
    return Entry("commission", ref, booked_on, lines)


def commission_paid(payout_ref: str, cents: int, booked_on: date) -> Entry:
    """A payout has left. Dr commission payable; Cr operating bank."""
    return _payout("commission_paid", payout_ref, cents, booked_on)


def commission_payout_returned(payout_ref: str, cents: int, booked_on: date) -> Entry:
    """The partner's bank has sent a payout back: it is owed again. The mirror of `commission_paid`."""
    return _payout("commission_payout_returned", payout_ref, -cents, booked_on)


def _payout(kind: str, ref: str, cents: int, booked_on: date) -> Entry:
    return Entry(kind, ref, booked_on, (Line(COMMISSION_PAYABLE, cents), Line(OPERATING_BANK, -cents)))
