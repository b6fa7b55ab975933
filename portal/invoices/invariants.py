"""What must hold between invoices and their books."""

from sqlalchemy import String, and_, cast, exists, func, or_, select

from portal.core.invariants import Invariant
from portal.insureds.models import Insured
from portal.invoices.models import Invoice, InvoiceLine, WriteOff
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import BAD_DEBT, COMMISSION_EXPENSE, OWED
from portal.partners.models import Partner

_receivable = (
    select(func.coalesce(func.sum(JournalLine.debit_cents - JournalLine.credit_cents), 0))
    .where(
        JournalLine.agency_id == Invoice.agency_id,
        JournalLine.invoice_id == Invoice.id,
        JournalLine.account.in_(OWED),
    )
    .correlate(Invoice)
    .scalar_subquery()
)
_lines = (
    select(func.coalesce(func.sum(InvoiceLine.amount_cents), 0))
    .where(InvoiceLine.agency_id == Invoice.agency_id, InvoiceLine.invoice_id == Invoice.id)
    .correlate(Invoice)
    .scalar_subquery()
)

_kept = (
    select(func.coalesce(func.sum(InvoiceLine.kept_cents), 0))
    .where(InvoiceLine.agency_id == Invoice.agency_id, InvoiceLine.invoice_id == Invoice.id)
    .correlate(Invoice)
    .scalar_subquery()
)
_kept_in_books = (
    select(func.coalesce(func.sum(JournalLine.debit_cents - JournalLine.credit_cents), 0))
    .join(JournalEntry, and_(JournalEntry.id == JournalLine.entry_id, JournalEntry.agency_id == JournalLine.agency_id))
    .where(
        JournalLine.agency_id == Invoice.agency_id,
        JournalLine.invoice_id == Invoice.id,
        JournalLine.account == COMMISSION_EXPENSE,
        JournalEntry.kind == "invoice_issued",
    )
    .correlate(Invoice)
    .scalar_subquery()
)

_bad_debt = (
    select(func.coalesce(func.sum(JournalLine.debit_cents - JournalLine.credit_cents), 0))
    .join(JournalEntry, and_(JournalEntry.id == JournalLine.entry_id, JournalEntry.agency_id == JournalLine.agency_id))
    .where(
        JournalEntry.agency_id == WriteOff.agency_id,
        JournalEntry.kind == "written_off",
        JournalEntry.ref == cast(WriteOff.id, String),
        JournalLine.account == BAD_DEBT,
        JournalLine.invoice_id == WriteOff.invoice_id,
    )
    .correlate(WriteOff)
    .scalar_subquery()
)

INVARIANTS = [
    Invariant(
        "an invoice's open amount equals its receivable in the books",
        select(Invoice.number, Invoice.open_cents, _receivable).where(Invoice.open_cents != _receivable),
    ),
    Invariant(
        "an invoice's total is the sum of its lines, less what the partner keeps",
        select(Invoice.number, Invoice.total_cents, _lines).where(Invoice.total_cents + Invoice.kept_cents != _lines),
    ),
    Invariant(
        "what a partner keeps of an invoice is what its lines say, and the books",
        select(Invoice.number, Invoice.kept_cents, _kept, _kept_in_books).where(
            or_(Invoice.kept_cents != _kept, Invoice.kept_cents != _kept_in_books)
        ),
    ),
    Invariant(
        "no invoice belongs to a customer who was merged into another",
        select(Invoice.number, Insured.reference)
        .join(Insured, Insured.id == Invoice.insured_id)
        .where(Insured.merged_into_id.is_not(None)),
    ),
    Invariant(
        "no invoice belongs to a partner who was merged into another",
        select(Invoice.number, Partner.name)
        .join(Partner, Partner.id == Invoice.partner_id)
        .where(Partner.merged_into_id.is_not(None)),
    ),
    Invariant(
        "a paid or void invoice has nothing open, an open one has",
        select(Invoice.number, Invoice.state, Invoice.open_cents).where(
            ((Invoice.state == "open") & (Invoice.open_cents == 0))
            | (Invoice.state.in_(["paid", "void"]) & (Invoice.open_cents != 0))
        ),
    ),
    Invariant(
        "what is written off of an invoice is bad debt in the books",
        select(WriteOff.id, WriteOff.amount_cents, _bad_debt).where(WriteOff.amount_cents != _bad_debt),
    ),
    Invariant(
        "bad debt in the books was written off of an invoice",
        select(JournalEntry.ref).where(
            JournalEntry.kind == "written_off",
            ~exists().where(
                WriteOff.agency_id == JournalEntry.agency_id, cast(WriteOff.id, String) == JournalEntry.ref
            ),
        ),
    ),
]
