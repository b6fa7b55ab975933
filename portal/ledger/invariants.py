"""What must hold in the journal."""

from sqlalchemy import exists, func, select

from portal.core.invariants import Invariant
from portal.ledger.models import JournalEntry, JournalLine

INVARIANTS = [
    Invariant(
        "each entry balances",
        select(JournalLine.entry_id)
        .group_by(JournalLine.entry_id)
        .having(func.sum(JournalLine.debit_cents) != func.sum(JournalLine.credit_cents)),
    ),
    Invariant(
        "each entry has lines",
        select(JournalEntry.id, JournalEntry.kind, JournalEntry.ref).where(
            ~exists().where(JournalLine.agency_id == JournalEntry.agency_id, JournalLine.entry_id == JournalEntry.id)
        ),
    ),
]
