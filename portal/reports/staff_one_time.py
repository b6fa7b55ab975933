"""A one-time payment as staff see it: what it is made of, what belongs to it, and what may be done with it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.core.audit import AuditEntry, Told, tell
from portal.core.errors import NotFound
from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.invoices.issue import LineDraft
from portal.invoices.kinds import invoice_title, part_what
from portal.invoices.line_words import line_label
from portal.invoices.models import Invoice, OneTimePart
from portal.invoices.status import InvoiceStatus, invoice_status
from portal.payments.claims import held_invoices
from portal.reports.attempts import Attempt, attempts_on
from portal.reports.one_time import OneTime, one_time_page
from portal.servicing.one_time import payments_of
from portal.servicing.one_time_changes import lines_of, why_fixed


@dataclass(frozen=True, slots=True)
class PlanPart:
    """One of several payments that were asked for together.

    Args:
        can_be_canceled: nothing is paid on it, and no payment for it is under way.
    """

    invoice: Invoice
    title: Text | str
    status: InvoiceStatus
    can_be_canceled: bool


@dataclass(frozen=True, slots=True)
class StaffOneTime:
    """A one-time payment with everything.

    Args:
        what: what it is for, without its place among several.
        lines: as issued; lines_said with their words.
        parts: all that were asked for with it, itself too; empty when it stands alone.
        why_fixed: why it cannot be changed or canceled; None if it can.
        attempts, entries: the newest first.
    """

    one: OneTime
    what: str
    lines: tuple[LineDraft, ...]
    lines_said: tuple[tuple[Text | str, int], ...]
    parts: tuple[PlanPart, ...]
    why_fixed: Text | None
    attempts: tuple[Attempt, ...]
    entries: tuple[Told, ...]

    @property
    def to_cancel(self) -> tuple[Invoice, ...]:
        """What can be canceled of it and all that was asked for with it."""
        return tuple(part.invoice for part in self.parts if part.can_be_canceled)


def staff_one_time(session: Scoped, invoice_id: int, today: date) -> StaffOneTime:
    """A one-time payment of this agency.

    Args:
        today: the day at the agency.

    Raises:
        NotFound: there is none.
    """
    one = one_time_page(session, invoice_id, today)
    if one is None:
        raise NotFound
    plan_id = session.scalar(select(OneTimePart.plan_id).where(OneTimePart.invoice_id == invoice_id))
    invoices = payments_of(session, plan_id) if plan_id else []
    held = held_invoices(session, [invoice_id, *(each.id for each in invoices)])
    lines = lines_of(session, invoice_id)
    entries = select(AuditEntry).where(AuditEntry.subject_kind == "invoice", AuditEntry.subject_id == invoice_id)
    return StaffOneTime(
        one=one,
        what=part_what(one.invoice.description) if len(invoices) > 1 else one.invoice.description,
        lines=lines,
        lines_said=tuple((line_label(line.kind, line.label), line.amount_cents) for line in lines),
        parts=tuple(_part(each, each.id in held, today) for each in invoices) if len(invoices) > 1 else (),
        why_fixed=why_fixed(one.invoice, invoice_id in held),
        attempts=tuple(attempts_on(session, Invoice.id == invoice_id)),
        entries=tuple(tell(session, session.scalars(entries.order_by(AuditEntry.id.desc())).all())),
    )


def _part(invoice: Invoice, is_held: bool, today: date) -> PlanPart:
    return PlanPart(
        invoice=invoice,
        title=invoice_title(invoice.kind, invoice.description),
        status=invoice_status(invoice.state, invoice.due_date, is_held, today),
        can_be_canceled=why_fixed(invoice, is_held) is None,
    )
