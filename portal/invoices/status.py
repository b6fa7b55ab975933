"""What is shown of an invoice, from stored facts and today's date. Pure."""

from datetime import date
from typing import Literal

InvoiceStatus = Literal["draft", "awaiting_payment", "overdue", "processing", "paid", "void"]


def invoice_status(state: str, due_date: date, in_flight: bool, today: date) -> InvoiceStatus:
    """The status people see. Processing is neither paid nor due.

    Args:
        state: draft, open, paid or void as stored.
        due_date: its due date.
        in_flight: a payment is under way.
        today: the day at the agency.
    """
    match state:
        case "draft" | "paid" | "void":
            return state
        case _ if in_flight:
            return "processing"
        case _:
            return "overdue" if due_date < today else "awaiting_payment"
