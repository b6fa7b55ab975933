"""Issue and void invoices: number, lines and books in one unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert

from portal.core.errors import BadInput, IllegalMove
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.invoices.books import billed
from portal.invoices.models import Invoice, InvoiceLine
from portal.invoices.numbers import take_numbers
from portal.ledger.journal import post
from portal.ledger.postings import Billed, Share, invoice_issued, invoice_voided, shares_of_line


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line to be. `commission_cents` is the agency's commission inside a premium line, `kept_cents` what of it the
    partner who pays keeps.
    """

    kind: str
    label: str
    amount_cents: int
    commission_cents: int = 0
    policy_id: int | None = None
    carrier: str | None = None
    kept_cents: int = 0


@dataclass(frozen=True, slots=True)
class InvoiceDraft:
    """An invoice to be. Without `program_id` it is a one-time payment; `partner_id` is the partner who pays it."""

    insured_id: int
    kind: str
    lines: Sequence[LineDraft]
    issued_on: date
    due_date: date
    program_id: int | None = None
    description: str = ""
    contact_email: str | None = None
    partner_id: int | None = None

    @property
    def kept_cents(self) -> int:
        """What the partner keeps of it."""
        return sum(line.kept_cents for line in self.lines)

    @property
    def total_cents(self) -> int:
        """What is asked for: the lines, less what the partner keeps."""
        return sum(line.amount_cents for line in self.lines) - self.kept_cents


def issue_invoices(session: Scoped, drafts: Sequence[InvoiceDraft], at: datetime) -> list[Invoice]:
    """Issue invoices, in the order given, and post them.

    Args:
        session: a write unit.
        drafts: each with at least one line and a positive total.
        at: now.

    Raises:
        BadInput: an invoice without a positive total, or a negative line.
    """
    invoices = write_invoices(session, drafts, at)
    entries = [
        invoice_issued(Billed(invoice.id, _shares(draft), kept_cents=draft.kept_cents), draft.issued_on)
        for invoice, draft in zip(invoices, drafts, strict=True)
    ]
    post(session, entries, at)
    return invoices


def write_invoices(session: Scoped, drafts: Sequence[InvoiceDraft], at: datetime) -> list[Invoice]:
    """Number and store invoices without posting them: the caller's own entry says what is owed on each.

    Raises:
        BadInput: an invoice without a positive total, or a negative line.
    """
    for draft in drafts:
        if draft.total_cents <= 0 or any(line.amount_cents < 0 for line in draft.lines):
            raise BadInput(text("An invoice needs a positive total and no negative lines."))
    numbers: dict[int, list[str]] = {}
    for year in sorted({draft.issued_on.year for draft in drafts}):
        numbers[year] = take_numbers(session, year, sum(draft.issued_on.year == year for draft in drafts))[::-1]
    invoices = [_invoice(draft, numbers[draft.issued_on.year].pop(), at) for draft in drafts]
    session.add_all(invoices)
    session.flush()
    rows = [
        {
            "invoice_id": invoice.id,
            "kind": line.kind,
            "label": line.label,
            "amount_cents": line.amount_cents,
            "commission_cents": line.commission_cents,
            "kept_cents": line.kept_cents,
            "policy_id": line.policy_id,
        }
        for invoice, draft in zip(invoices, drafts, strict=True)
        for line in draft.lines
    ]
    session.execute(insert(InvoiceLine).execution_options(render_nulls=True), rows)
    return invoices


def issue_invoice(session: Scoped, draft: InvoiceDraft, at: datetime) -> Invoice:
    """Issue one invoice; see `issue_invoices`."""
    return issue_invoices(session, [draft], at)[0]


def void_invoice(session: Scoped, invoice: Invoice, booked_on: date, at: datetime) -> None:
    """Take an open invoice back: its unpaid part leaves the books, its state is void.

    Raises:
        IllegalMove: it is not open.
    """
    if invoice.state != "open":
        raise IllegalMove(text("Only an open invoice can be voided."))
    entry = invoice_voided(billed(session, invoice.id), invoice.total_cents - invoice.open_cents, booked_on)
    post(session, [entry], at)
    invoice.state = "void"
    invoice.open_cents = 0
    invoice.touched_at = at
    session.flush()


def _invoice(draft: InvoiceDraft, number: str, at: datetime) -> Invoice:
    return Invoice(
        number=number,
        kind=draft.kind,
        program_id=draft.program_id,
        insured_id=draft.insured_id,
        partner_id=draft.partner_id,
        description=draft.description,
        contact_email=draft.contact_email,
        issued_on=draft.issued_on,
        due_date=draft.due_date,
        state="open",
        total_cents=draft.total_cents,
        open_cents=draft.total_cents,
        kept_cents=draft.kept_cents,
        touched_at=at,
    )


def _shares(draft: InvoiceDraft) -> tuple[Share, ...]:
    return tuple(
        share
        for line in draft.lines
        for share in shares_of_line(line.kind, line.amount_cents, line.commission_cents, line.policy_id, line.carrier)
    )
