"""The agency's invoices as staff look through them: by status, kind and due date; and the same for a spreadsheet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select

from portal.core.money import plain_money
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.insureds.models import Insured
from portal.invoices.kinds import KINDS, invoice_title
from portal.invoices.models import Invoice, WriteOff
from portal.invoices.status import InvoiceStatus, invoice_status
from portal.programs.models import Program
from portal.reports.staff_overview import ASKED_FOR
from portal.servicing.program_facts import under_way

PAGE = 50
LISTED_KINDS = tuple(kind for kind in KINDS if kind != "financed")
Show = Literal["unpaid", "due", "overdue", "processing", "paid", "void", "draft"]
SHOW_WORDS: dict[Show, Text] = {
    "unpaid": text("Not paid"),
    "due": text("Due"),
    "overdue": text("Overdue"),
    "processing": text("Payment under way"),
    "paid": text("Paid"),
    "void": text("Void"),
    "draft": text("Draft"),
}


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """What is wanted.

    Args:
        show: by how it stands today.
        kind: of invoice; empty for all.
        first, last: the due dates, both included; None for no limit.
        is_latest_first: by due date, the latest first instead of the earliest.
        after: due date and id of the last one on the page before.
    """

    show: Show = "unpaid"
    kind: str = ""
    first: date | None = None
    last: date | None = None
    is_latest_first: bool = False
    after: tuple[date, int] | None = None


@dataclass(frozen=True, slots=True)
class ListedInvoice:
    """One line of the list."""

    id: int
    number: str
    title: Text | str
    insured_name: str
    program_id: int | None
    due_date: date
    status: InvoiceStatus
    open_cents: int
    total_cents: int


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """One page of the list.

    Args:
        count, open_cents: of all that fit, not of this page alone.
        after: with what the next page begins; None on the last.
    """

    invoices: tuple[ListedInvoice, ...]
    count: int
    open_cents: int
    after: tuple[date, int] | None


def invoice_page(session: Scoped, wanted: InvoiceFilter, today: date) -> InvoicePage:
    """Fifty invoices, by due date.

    Args:
        today: the day at the agency.
    """
    fits = _fits(wanted, today)
    count, cents = session.execute(
        select(func.count(Invoice.id), func.coalesce(func.sum(Invoice.open_cents), 0)).where(*fits)
    ).one()
    due, number = Invoice.due_date, Invoice.id
    query = _listed(fits).order_by(*((due.desc(), number.desc()) if wanted.is_latest_first else (due, number)))
    if wanted.after is not None:
        day, last = wanted.after
        beyond = due < day if wanted.is_latest_first else due > day
        query = query.where(or_(beyond, and_(due == day, number < last if wanted.is_latest_first else number > last)))
    rows = session.execute(query.limit(PAGE + 1)).all()
    shown = tuple(_listed_invoice(row, today) for row in rows[:PAGE])
    after = (shown[-1].due_date, shown[-1].id) if len(rows) > PAGE else None
    return InvoicePage(shown, count, int(cents), after)


CSV_HEADER = ("number", "invoice", "insured", "program", "due_date", "status", "total", "open")


def csv_rows(session: Scoped, wanted: InvoiceFilter, today: date) -> Iterator[tuple[object, ...]]:
    """All that fit, whatever page; read from the database in portions."""
    query = _listed(_fits(wanted, today)).order_by(Invoice.due_date, Invoice.id)
    for row in session.execute(query.execution_options(yield_per=1_000)):
        one = _listed_invoice(row, today)
        amounts = plain_money(one.total_cents), plain_money(one.open_cents)
        yield (one.number, one.title, one.insured_name, row.reference, one.due_date, one.status, *amounts)


_GIVEN_UP = exists().where(WriteOff.agency_id == Invoice.agency_id, WriteOff.invoice_id == Invoice.id)


def _listed(fits: list[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Invoice,
            Insured.name.label("insured_name"),
            Program.reference,
            under_way().label("is_held"),
            _GIVEN_UP.label("is_written_off"),
        )
        .join(Insured, Insured.id == Invoice.insured_id)
        .outerjoin(Program, Program.id == Invoice.program_id)
        .where(*fits)
    )


def _listed_invoice(row: Row[Any], today: date) -> ListedInvoice:
    invoice: Invoice = row.Invoice
    return ListedInvoice(
        id=invoice.id,
        number=invoice.number,
        title=invoice_title(invoice.kind, invoice.description),
        insured_name=row.insured_name,
        program_id=invoice.program_id,
        due_date=invoice.due_date,
        status=invoice_status(invoice.state, invoice.due_date, row.is_held, today, is_written_off=row.is_written_off),
        open_cents=invoice.open_cents,
        total_cents=invoice.total_cents,
    )


def _fits(wanted: InvoiceFilter, today: date) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = []
    match wanted.show:
        case "unpaid":
            fits += ASKED_FOR
        case "due":
            fits += [*ASKED_FOR, Invoice.due_date >= today, ~under_way()]
        case "overdue":
            fits += [*ASKED_FOR, Invoice.due_date < today, ~under_way()]
        case "processing":
            fits += [*ASKED_FOR, under_way()]
        case state:
            fits += [Invoice.state == state, Invoice.kind != "financed"]
    if wanted.kind:
        fits.append(Invoice.kind == wanted.kind)
    if wanted.first is not None:
        fits.append(Invoice.due_date >= wanted.first)
    if wanted.last is not None:
        fits.append(Invoice.due_date <= wanted.last)
    return fits
