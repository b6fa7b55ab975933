"""The status of a program: one pure function of stored facts and today's date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

ProgramStatus = Literal[
    "incomplete",
    "payment_due",
    "processing",
    "active",
    "endorsement_due",
    "overdue",
    "pending_cancelation",
    "canceled",
    "reinstatement_due",
    "completed",
    "archived",
]


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """What the status needs of an invoice."""

    kind: str
    state: str
    due_date: date
    open_cents: int
    paid_cents: int
    in_flight: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice of intent to cancel whose clock runs.

    Args:
        pay_by: the last day on which what it names can be paid.
        through: it names the installments that are due by then.
    """

    pay_by: date
    through: date

    def names(self, kind: str, due_date: date) -> bool:
        """Whether an invoice is one of those that it names."""
        return kind == "installment" and due_date <= self.through


def program_status(
    *,
    is_draft: bool,
    is_archived: bool,
    canceled_on: date | None,
    last_expiration: date | None,
    invoices: Sequence[InvoiceFacts],
    today: date,
    notice: Notice | None = None,
) -> ProgramStatus:
    """The status people see.

    Args:
        canceled_on: from when it is canceled, or None.
        last_expiration: when its last policy expires; None without policies.
        invoices: all of the program's, in any order.
        today: the day at the agency.
        notice: of intent to cancel, while its clock runs; a payment of all that it names pauses it.
    """
    if is_archived:
        return "archived"
    if is_draft or last_expiration is None or not invoices:
        return "incomplete"
    if canceled_on is not None and canceled_on <= today:
        back = [one for one in invoices if one.kind == "reinstatement" and one.state == "open"]
        return ("processing" if back[0].in_flight else "reinstatement_due") if back else "canceled"
    unpaid = [invoice for invoice in invoices if invoice.state == "open"]
    waiting = [invoice for invoice in unpaid if not invoice.in_flight]
    paid_anything = any(invoice.paid_cents or invoice.state == "paid" for invoice in invoices)
    if not unpaid:
        return "completed" if last_expiration <= today else "active"
    named = [invoice for invoice in unpaid if notice is not None and notice.names(invoice.kind, invoice.due_date)]
    if named:
        return "processing" if all(invoice.in_flight for invoice in named) else "pending_cancelation"
    if not waiting:
        return "processing" if not paid_anything else "active"
    if any(invoice.due_date < today for invoice in waiting):
        return "overdue" if paid_anything else "payment_due"
    if any(invoice.kind == "endorsement" for invoice in waiting):
        return "endorsement_due"
    return "active" if paid_anything else "payment_due"
