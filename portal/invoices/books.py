"""An invoice as the books see it."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from portal.core.tenancy import Scoped
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import COMMISSION_EXPENSE, LOAN_RECEIVABLE, RECEIVABLE, Billed, Share


def billed_many(session: Scoped, invoice_ids: Sequence[int]) -> dict[int, Billed]:
    """What each invoice was made of when it was issued, read back from its entry in the journal.

    Those that have none are installments of a loan.
    """
    rows = session.execute(
        select(
            JournalLine.invoice_id,
            JournalLine.account,
            JournalLine.credit_cents,
            JournalLine.debit_cents,
            JournalLine.policy_id,
            JournalLine.carrier,
        )
        .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
        .where(
            JournalEntry.kind == "invoice_issued",
            JournalLine.invoice_id.in_(invoice_ids),
            JournalLine.account != RECEIVABLE,
        )
        .order_by(JournalLine.id)
    )
    shares: dict[int, list[Share]] = defaultdict(list)
    kept: dict[int, int] = defaultdict(int)
    for invoice_id, account, credit_cents, debit_cents, policy_id, carrier in rows:
        assert invoice_id is not None
        if account == COMMISSION_EXPENSE:
            kept[invoice_id] += debit_cents
        else:
            shares[invoice_id].append(Share(account, credit_cents, policy_id, carrier))
    return {
        invoice_id: Billed(invoice_id, tuple(shares[invoice_id]), kept_cents=kept[invoice_id])
        if invoice_id in shares
        else Billed(invoice_id, (), LOAN_RECEIVABLE)
        for invoice_id in invoice_ids
    }


def billed(session: Scoped, invoice_id: int) -> Billed:
    """One invoice; see `billed_many`."""
    return billed_many(session, [invoice_id])[invoice_id]
