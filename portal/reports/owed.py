"""What someone owes first: how much, by when, and what happens otherwise. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.core.text import Text, text


@dataclass(frozen=True, slots=True)
class Open:
    """An invoice that this person can pay now. `is_coverage`: it belongs to a program, so policies depend on it."""

    invoice_id: int
    due_date: date
    open_cents: int
    is_coverage: bool


@dataclass(frozen=True, slots=True)
class Owed:
    """What is to be paid first, and everything that is open.

    Args:
        amount_cents: all that is overdue, else all that is due on the next due date.
        due_date: the earliest of these.
        invoice_ids: which invoices that is.
        all_cents, all_ids: everything open, whenever it is due.
        consequence: what happens otherwise.
    """

    amount_cents: int
    due_date: date
    is_overdue: bool
    invoice_ids: tuple[int, ...]
    all_cents: int
    all_ids: tuple[int, ...]
    consequence: Text


def owed(invoices: Sequence[Open], today: date) -> Owed | None:
    """What is to be paid first of these; None when there are none.

    Args:
        today: the day at the agency.
    """
    if not invoices:
        return None
    by_date = sorted(invoices, key=lambda invoice: (invoice.due_date, invoice.invoice_id))
    overdue = [invoice for invoice in by_date if invoice.due_date < today]
    first = overdue or [invoice for invoice in by_date if invoice.due_date == by_date[0].due_date]
    return Owed(
        amount_cents=sum(invoice.open_cents for invoice in first),
        due_date=first[0].due_date,
        is_overdue=bool(overdue),
        invoice_ids=tuple(invoice.invoice_id for invoice in first),
        all_cents=sum(invoice.open_cents for invoice in by_date),
        all_ids=tuple(invoice.invoice_id for invoice in by_date),
        consequence=_consequence(bool(overdue), any(invoice.is_coverage for invoice in first)),
    )


def _consequence(is_overdue: bool, is_coverage: bool) -> Text:
    match is_overdue, is_coverage:
        case True, True:
            return text("Pay now. If it stays unpaid, your coverage can be canceled.")
        case True, False:
            return text("Please pay now, or call us if you need more time.")
        case False, True:
            return text("If it is not paid by then, your coverage can be canceled.")
        case _:
            return text("If it is not paid by then, it will be past due.")
