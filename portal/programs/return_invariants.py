"""What must hold between premium that came back and the books."""

from sqlalchemy import ColumnElement, ScalarSelect, String, and_, cast, exists, func, select

from portal.core.invariants import Invariant
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import CUSTOMER_CREDIT, LOAN_BALANCE, OWED
from portal.programs.changes import PolicyReturn, PremiumReturn


def _booked(cents: ColumnElement[int], accounts: tuple[str, ...], *where: ColumnElement[bool]) -> ScalarSelect[int]:
    """The sum of lines on accounts."""
    return (
        select(func.coalesce(func.sum(cents), 0))
        .join(
            JournalEntry, and_(JournalEntry.id == JournalLine.entry_id, JournalEntry.agency_id == JournalLine.agency_id)
        )
        .where(JournalEntry.agency_id == PremiumReturn.agency_id, JournalLine.account.in_(accounts), *where)
        .correlate(PremiumReturn)
        .scalar_subquery()
    )


_entry = and_(JournalEntry.kind == "premium_returned", JournalEntry.ref == cast(PremiumReturn.id, String))
_goes = _booked(JournalLine.credit_cents - JournalLine.debit_cents, (*OWED, CUSTOMER_CREDIT), _entry)
_of_balance = JournalLine.invoice_id == PremiumReturn.balance_invoice_id
_balance_needed = _booked(JournalLine.debit_cents + 0, (LOAN_BALANCE,), _of_balance)
_balance_billed = _booked(JournalLine.credit_cents + 0, (LOAN_BALANCE,), _of_balance)
_parts = (
    select(
        func.coalesce(
            func.sum(
                PolicyReturn.premium_cents
                + PolicyReturn.taxes_cents
                + PolicyReturn.fees_cents
                - PolicyReturn.kept_cents
            ),
            0,
        )
    )
    .where(PolicyReturn.agency_id == PremiumReturn.agency_id, PolicyReturn.premium_return_id == PremiumReturn.id)
    .correlate(PremiumReturn)
    .scalar_subquery()
)

INVARIANTS = [
    Invariant(
        "premium that came back is in the books with what it pays",
        select(PremiumReturn.id, PremiumReturn.returned_cents, _goes).where(
            PremiumReturn.returned_cents + PremiumReturn.balance_cents != _goes
        ),
    ),
    Invariant(
        "premium that came back is what its policies give",
        select(PremiumReturn.id, PremiumReturn.returned_cents, _parts).where(PremiumReturn.returned_cents != _parts),
    ),
    Invariant(
        "what a loan still needed when it ended is billed",
        select(PremiumReturn.id, PremiumReturn.balance_cents, _balance_needed, _balance_billed).where(
            (PremiumReturn.balance_cents != _balance_needed) | (PremiumReturn.balance_cents != _balance_billed)
        ),
    ),
    Invariant(
        "premium that comes back in the books is of an endorsement or a cancelation",
        select(JournalEntry.ref).where(
            JournalEntry.kind == "premium_returned",
            ~exists().where(
                PremiumReturn.agency_id == JournalEntry.agency_id, cast(PremiumReturn.id, String) == JournalEntry.ref
            ),
        ),
    ),
]
