"""What must hold in the journal."""

from sqlalchemy import func, select

from portal.core.invariants import Invariant
from portal.ledger.models import JournalLine

INVARIANTS = [
    Invariant(
        "each entry balances",
        select(JournalLine.entry_id)
        .group_by(JournalLine.entry_id)
        .having(func.sum(JournalLine.debit_cents) != func.sum(JournalLine.credit_cents)),
    ),
]
