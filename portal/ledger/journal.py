"""Write entries into the journal."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert

from portal.core.tenancy import Scoped
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import Entry


def post(session: Scoped, entries: Sequence[Entry], at: datetime) -> None:
    """Post entries in the unit that makes them true; each (kind, ref) only once. One that moves nothing is none.

    Raises:
        sqlalchemy.exc.IntegrityError: one was posted before; the unit must not commit.
    """
    entries = [entry for entry in entries if entry.lines]
    if not entries:
        return
    ids = session.scalars(
        insert(JournalEntry).returning(JournalEntry.id, sort_by_parameter_order=True),
        [{"kind": entry.kind, "ref": entry.ref, "booked_on": entry.booked_on, "posted_at": at} for entry in entries],
    ).all()
    session.execute(
        insert(JournalLine).execution_options(render_nulls=True),
        [
            {
                "entry_id": entry_id,
                "account": line.account,
                "debit_cents": max(line.cents, 0),
                "credit_cents": max(-line.cents, 0),
                "invoice_id": line.invoice_id,
                "policy_id": line.policy_id,
                "carrier": line.carrier,
            }
            for entry_id, entry in zip(ids, entries, strict=True)
            for line in entry.lines
        ],
    )
