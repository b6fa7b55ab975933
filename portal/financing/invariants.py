"""What must hold between loans and their books."""

from sqlalchemy import String, cast, exists, func, select

from portal.core.invariants import Invariant
from portal.financing.models import Loan
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import TRUST_BANK

_funded = (
    select(func.coalesce(func.sum(JournalLine.debit_cents), 0))
    .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
    .where(
        JournalLine.agency_id == Loan.agency_id,
        JournalLine.account == TRUST_BANK,
        JournalEntry.agency_id == Loan.agency_id,
        JournalEntry.kind == "lender_funded",
        JournalEntry.ref == cast(Loan.id, String),
    )
    .correlate(Loan)
    .scalar_subquery()
)

INVARIANTS = [
    Invariant(
        "what a lender has sent for a loan is in the books, once",
        select(Loan.number, Loan.funded_cents, _funded).where(func.coalesce(Loan.funded_cents, 0) != _funded),
    ),
    Invariant(
        "money of a lender in the books belongs to a loan",
        select(JournalEntry.ref).where(
            JournalEntry.kind == "lender_funded",
            ~exists().where(Loan.agency_id == JournalEntry.agency_id, cast(Loan.id, String) == JournalEntry.ref),
        ),
    ),
]
