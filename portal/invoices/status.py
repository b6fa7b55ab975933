"""What is shown of an invoice, from stored facts and today's date. Pure."""

from datetime import date
from typing import Literal

InvoiceStatus = Literal["draft", "awaiting_payment", "overdue", "processing", "paid", "void", "written_off"]


def invoice_status(
    state: str, due_date: date, in_flight: bool, today: date, *, is_written_off: bool = False
) -> InvoiceStatus:
    """The status people see. Processing is neither paid nor due.

    Args:
        state: draft, open, paid or void as stored.
        due_date: its due date.
        in_flight: a payment is under way.
        today: the day at the agency.
        is_written_off: what was open on it was given up.
    """
    match state:
        case "paid" if is_written_off:
            return "written_off"
        case "draft" | "paid" | "void":
            return state
        case _ if in_flight:
            return "processing"
        case _:
            return "overdue" if due_date < today else "awaiting_payment"
