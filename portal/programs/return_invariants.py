"""What must hold between premium that came back and the books."""

from sqlalchemy import ColumnElement, ScalarSelect, String, and_, cast, exists, func, select

from portal.core.invariants import Invariant
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import CUSTOMER_CREDIT, LOAN_BALANCE, OWED
from portal.programs.changes import PolicyReturn, PremiumReturn


def _booked(accounts: tuple[str, ...], *where: ColumnElement[bool]) -> ScalarSelect[int]:
    """What the books credit to accounts, less what they debit."""
    return (
        select(func.coalesce(func.sum(JournalLine.credit_cents - JournalLine.debit_cents), 0))
        .join(
            JournalEntry, and_(JournalEntry.id == JournalLine.entry_id, JournalEntry.agency_id == JournalLine.agency_id)
        )
        .where(JournalEntry.agency_id == PremiumReturn.agency_id, JournalLine.account.in_(accounts), *where)
        .correlate(PremiumReturn)
        .scalar_subquery()
    )


_entry = and_(JournalEntry.kind == "premium_returned", JournalEntry.ref == cast(PremiumReturn.id, String))
_goes = _booked((*OWED, CUSTOMER_CREDIT), _entry)
_balance = _booked((LOAN_BALANCE,), JournalLine.invoice_id == PremiumReturn.balance_invoice_id)
_parts = (
    select(func.coalesce(func.sum(PolicyReturn.premium_cents + PolicyReturn.taxes_cents + PolicyReturn.fees_cents), 0))
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
        select(PremiumReturn.id, PremiumReturn.balance_cents, _balance).where(_balance != 0),
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
