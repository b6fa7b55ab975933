"""Invoices as the insured sees them, and the payments made on them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, and_, bindparam, func, select

from portal.access.visible import SEEN_INVOICES, Sight
from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.insureds.masking import mask_name
from portal.insureds.models import Insured
from portal.invoices.due_first import later_installments
from portal.invoices.kinds import invoice_title
from portal.invoices.line_words import line_label
from portal.invoices.models import Invoice, InvoiceLine, WriteOff
from portal.invoices.status import InvoiceStatus, invoice_status
from portal.ledger.postings import kept_with
from portal.payments.method_name import method_name
from portal.payments.models import Claim, Payment
from portal.payments.money_back.shown import GoneBack, gone_back, shown_state
from portal.payments.offline import checks_in_clearing
from portal.programs.lifecycle import InvoiceFacts
from portal.programs.models import Program
from portal.reports.owed import Open

SHOWN_PAYMENTS = ("submitted", "action_required", "processing", "succeeded", "declined", "failed")

WITH_RECEIPT = frozenset(
    {"succeeded", "clearing", "refund_under_way", "refund_came_back", "credited", "refunded", "partly_refunded"}
)


@dataclass(frozen=True, slots=True)
class SeenLine:
    """One line of an invoice."""

    label: Text | str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class SeenInvoice:
    """An invoice with its lines; what its program says of it is false for a one-time payment."""

    id: int
    number: str
    kind: str
    description: str
    program_id: int | None
    program_name: str | None
    is_paid_by_partner: bool
    is_archived: bool
    insured_name: str
    issued_on: date
    due_date: date
    state: str
    status: InvoiceStatus
    total_cents: int
    open_cents: int
    lines: tuple[SeenLine, ...] = ()
    written_off_cents: int = 0
    kept_cents: int = 0

    @property
    def title(self) -> Text | str:
        """What it is for."""
        return invoice_title(self.kind, self.description)

    @property
    def paid_cents(self) -> int:
        """What was paid on it so far; 0 once it is void."""
        return 0 if self.state == "void" else self.total_cents - self.open_cents - self.written_off_cents

    @property
    def is_waiting(self) -> bool:
        """Whether money is asked for, of whomever: open, and no payment under way."""
        return self.status in {"awaiting_payment", "overdue"}

    @property
    def facts(self) -> InvoiceFacts:
        """What the status of its program needs."""
        in_flight = self.status == "processing"
        return InvoiceFacts(self.kind, self.state, self.due_date, self.open_cents, self.paid_cents, in_flight)

    @property
    def to_pay(self) -> tuple[Open, ...]:
        """What the insured can pay on it here: nothing, or its open amount."""
        if not self.is_waiting or self.is_paid_by_partner:
            return ()
        return (Open(self.id, self.due_date, self.open_cents, self.program_id is not None),)


@dataclass(frozen=True, slots=True)
class SeenPayment:
    """A payment on some of the invoices on the page.

    Args:
        amount_cents: its part for these invoices; the rest may be somebody else's.
        state: as stored; "returned" when what it had paid is open again; "clearing" while the bank has a check;
            where some of it went back, what `shown_state` says of that.
        fee_cents: on top of the whole payment.
        made_at: when it succeeded, else when it was started.
        payer: masked; empty if this reader has paid it.
        token: of its page and receipt, for who has paid it; else None.
    """

    reference: str
    state: str
    amount_cents: int
    fee_cents: int
    made_at: datetime
    method: Text | str
    payer: str
    token: str | None

    @property
    def has_receipt(self) -> bool:
        """Whether this reader can look at a receipt of it."""
        return self.token is not None and self.state in WITH_RECEIPT


_WRITTEN_OFF = (
    select(func.coalesce(func.sum(WriteOff.amount_cents), 0))
    .where(WriteOff.agency_id == Invoice.agency_id, WriteOff.invoice_id == Invoice.id)
    .correlate(Invoice)
    .scalar_subquery()
)
_HELD = and_(Claim.invoice_id == Invoice.id, Claim.state == "live")
_INVOICES = (
    select(
        Invoice.id,
        Invoice.number,
        Invoice.kind,
        Invoice.description,
        Invoice.program_id,
        Program.name.label("program_name"),
        Program.billing_type,
        Program.archived_at,
        Insured.name.label("insured_name"),
        Invoice.issued_on,
        Invoice.due_date,
        Invoice.state,
        Invoice.total_cents,
        Invoice.open_cents,
        Invoice.kept_cents,
        Invoice.partner_id,
        Claim.id.label("claim_id"),
        _WRITTEN_OFF.label("written_off_cents"),
    )
    .join(Insured, Insured.id == Invoice.insured_id)
    .outerjoin(Program, Program.id == Invoice.program_id)
    .outerjoin(Claim, _HELD)
    .where(Invoice.state != "draft", Invoice.kind != "financed", Program.is_draft.is_not(True))
    .order_by(Invoice.due_date, Invoice.id)
)
_INVOICES_WITH_LINES = (
    _INVOICES.add_columns(
        InvoiceLine.kind.label("line_kind"), InvoiceLine.label.label("line"), InvoiceLine.amount_cents
    )
    .outerjoin(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
    .order_by(InvoiceLine.id)
)
_PAYMENTS = (
    select(
        Payment.id,
        Payment.reference,
        Payment.state,
        Payment.fee_cents,
        Payment.created_at,
        Payment.succeeded_at,
        Payment.method_kind,
        Payment.method_brand,
        Payment.method_last4,
        Payment.payer_name,
        Payment.payer_email,
        Payment.token,
        Claim.amount_cents,
        Claim.taken_back_cents,
        Claim.state.label("claim_state"),
    )
    .join(Payment, Payment.id == Claim.payment_id)
    .where(Payment.state.in_(SHOWN_PAYMENTS), Claim.invoice_id.in_(bindparam("invoice_ids", expanding=True)))
    .order_by(Payment.created_at.desc(), Payment.id.desc())
)


_SEEN = _INVOICES.where(SEEN_INVOICES)
_SEEN_ONE = _INVOICES_WITH_LINES.where(SEEN_INVOICES, Invoice.id == bindparam("invoice_id"))
_OF_PROGRAM = _INVOICES_WITH_LINES.where(Invoice.program_id == bindparam("program_id"))


def all_invoices(session: Scoped, sight: Sight, today: date) -> list[SeenInvoice]:
    """Every invoice that an address sees, by due date, without lines, in one query.

    Args:
        today: the day at the agency.
    """
    return [_seen_invoice(row, today) for row in session.rows(_SEEN, sight.values)]


def one_invoice(session: Scoped, sight: Sight, invoice_id: int, today: date) -> SeenInvoice | None:
    """An invoice that an address sees, with its lines, in one query."""
    rows = session.rows(_SEEN_ONE, {**sight.values, "invoice_id": invoice_id}).all()
    return next(iter(_with_lines(rows, today)), None)


def invoices_of_program(session: Scoped, program_id: int, today: date, *, as_billed: bool = False) -> list[SeenInvoice]:
    """The invoices of a program with their lines, by due date, in one query.

    Args:
        as_billed: for staff: less what a partner who pays keeps.
    """
    return _with_lines(session.rows(_OF_PROGRAM, {"program_id": program_id}).all(), today, as_billed=as_billed)


def payments_on(session: Scoped, invoice_ids: Collection[int], email: str) -> list[SeenPayment]:
    """The payments on these invoices, the newest first, in one query, two with checks, two more with money back.

    Only who has paid gets the way to the receipt.

    Args:
        email: of the reader.
    """
    if not invoice_ids:
        return []
    rows = session.rows(_PAYMENTS, {"invoice_ids": list(invoice_ids)}).all()
    parts: dict[int, int] = {}
    back: dict[int, int] = {}
    for row in rows:
        parts[row.id] = parts.get(row.id, 0) + row.amount_cents
        back[row.id] = back.get(row.id, 0) + row.taken_back_cents
    payments = {row.id: row for row in rows}
    waiting = checks_in_clearing(session, [row.id for row in payments.values() if row.method_kind == "check"])
    gone = gone_back(session, [id_ for id_, cents in back.items() if cents])
    return [
        _seen_payment(row, parts[row.id], back[row.id], gone.get(row.id), email, row.id in waiting)
        for row in payments.values()
    ]


def to_pay_now(invoices: Sequence[SeenInvoice], today: date) -> list[Open]:
    """What the insured is asked for on these invoices: of installments what is overdue, else the next one.

    Args:
        today: the day at the agency.
    """
    later = later_installments([invoice for invoice in invoices if invoice.is_waiting], today)
    return [each for invoice in invoices if invoice.id not in later for each in invoice.to_pay]


def _with_lines(rows: Sequence[Row[*tuple[object, ...]]], today: date, *, as_billed: bool = False) -> list[SeenInvoice]:
    lines: dict[int, list[SeenLine]] = {}
    for row in rows:
        found = lines.setdefault(row.id, [])
        if row.line is not None:
            found.append(SeenLine(line_label(row.line_kind, row.line), row.amount_cents))
    ones = {row.id: row for row in rows}.values()
    return [_seen_invoice(row, today, tuple(lines[row.id]), as_billed=as_billed) for row in ones]


def _seen_invoice(
    row: Row[*tuple[object, ...]], today: date, lines: tuple[SeenLine, ...] = (), *, as_billed: bool = False
) -> SeenInvoice:
    """What a partner keeps of what it pays, its insureds do not see: to them it costs what the lines come to."""
    given_up = int(row.written_off_cents)
    hidden_cents = 0 if as_billed else row.kept_cents
    return SeenInvoice(
        id=row.id,
        number=row.number,
        kind=row.kind,
        description=row.description,
        program_id=row.program_id,
        program_name=row.program_name,
        is_paid_by_partner=row.billing_type == "agency_bill" or row.partner_id is not None,
        is_archived=row.archived_at is not None,
        insured_name=row.insured_name,
        issued_on=row.issued_on,
        due_date=row.due_date,
        state=row.state,
        status=invoice_status(row.state, row.due_date, row.claim_id is not None, today, is_written_off=given_up > 0),
        total_cents=row.total_cents + hidden_cents,
        open_cents=row.open_cents + kept_with(row.open_cents, row.total_cents, hidden_cents),
        lines=lines,
        written_off_cents=given_up + kept_with(given_up, row.total_cents, hidden_cents),
        kept_cents=row.kept_cents - hidden_cents,
    )


def _seen_payment(
    row: Row[*tuple[object, ...]],
    amount_cents: int,
    back_cents: int,
    back: GoneBack | None,
    email: str,
    is_in_clearing: bool,
) -> SeenPayment:
    is_own = row.payer_email == email
    is_reversed = row.claim_state == "reversed" and not (back and back.is_disputed)
    state = "returned" if is_reversed else "clearing" if is_in_clearing else row.state
    if state == "succeeded" and back:
        state = shown_state(back, amount_cents, back_cents)
    return SeenPayment(
        reference=row.reference,
        state=state,
        amount_cents=amount_cents,
        fee_cents=row.fee_cents,
        made_at=row.succeeded_at or row.created_at,
        method=method_name(row.method_brand, row.method_last4),
        payer="" if is_own else mask_name(row.payer_name),
        token=row.token if is_own else None,
    )
