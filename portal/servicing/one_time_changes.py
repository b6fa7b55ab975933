"""Change or cancel a one-time payment while nothing is paid on it.

Its books are written once: with another amount the invoice is void and a new one takes its place, behind the same
payment link.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update

from portal.core.audit import Actor, Personal, record
from portal.core.errors import Conflict, NotFound
from portal.core.personal_keys import of_insured
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice, void_invoice
from portal.invoices.kinds import part_description
from portal.invoices.models import Invoice, InvoiceLine, OneTimePart, OneTimePlan
from portal.payments.claims import held_invoices
from portal.programs.models import PaymentLink
from portal.servicing.reminders.models import LinkSequence
from portal.servicing.reminders.sequences import live_link, start_link, stop_link
from portal.servicing.reminders.still_due import Account, addresses_of, owner_of

CHANGED = text("This payment has changed since you opened it. What you typed is still here: look at both, then go on.")


@dataclass(frozen=True, slots=True)
class OneTimeChange:
    """How a one-time payment should be; as `OneTimeDraft`."""

    description: str
    lines: tuple[LineDraft, ...]
    due_date: date
    contact_email: str | None


def why_fixed(invoice: Invoice, is_held: bool) -> Text | None:
    """Why a one-time payment cannot be changed or canceled, or None.

    Args:
        is_held: a payment for it is under way.
    """
    if invoice.state == "void":
        return text("It is canceled.")
    if invoice.state == "paid" or invoice.open_cents != invoice.total_cents:
        return text("Something was paid on it. Refund that first.")
    if is_held:
        return text("A payment for it is under way. Wait for its end.")
    return None


def lines_of(session: Scoped, invoice_id: int) -> tuple[LineDraft, ...]:
    """The lines of an invoice, as they were issued."""
    rows = session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id).order_by(InvoiceLine.id))
    return tuple(LineDraft(row.kind, row.label, row.amount_cents) for row in rows)


def change_one_time(
    session: Scoped,
    invoice_id: int,
    seen: str,
    new: OneTimeChange,
    actor: Actor,
    today: date,
    at: datetime,
) -> Invoice:
    """Make a one-time payment what it should be.

    Args:
        session: a write unit.
        seen: when it was last touched, in ISO format, as the form was filled from it.
        today: the day at the agency.

    Returns:
        The payment: another invoice when its lines are others.

    Raises:
        NotFound: there is no such one-time payment.
        Conflict: somebody changed it meanwhile, or it is fixed; see `why_fixed`.
    """
    invoice = _hold(session, [invoice_id])[0]
    if invoice.touched_at.isoformat() != seen:
        raise Conflict(CHANGED)
    description = _named(session, invoice.id, new.description)
    before = lines_of(session, invoice.id)
    if before != new.lines:
        invoice = _replace(session, invoice, description, new, actor, today, at)
    detail = {
        name: [str(old), str(now)]
        for name, old, now in (
            ("description", invoice.description, description),
            ("due_date", invoice.due_date, new.due_date),
        )
        if old != now
    }
    contact = {}
    if invoice.contact_email != new.contact_email:
        contact["contact_email"] = [invoice.contact_email, new.contact_email]
    if detail or contact:
        invoice.description, invoice.due_date, invoice.contact_email = description, new.due_date, new.contact_email
        invoice.touched_at = at
        session.execute(
            update(LinkSequence)
            .where(LinkSequence.invoice_id == invoice.id, LinkSequence.ended_at.is_(None))
            .values(due_until=new.due_date)
            .execution_options(synchronize_session=False)
        )
        about = Personal(of_insured(invoice.insured_id), contact)
        record(session, actor, "invoice.changed", "invoice", invoice.id, at, about, **detail)
    session.flush()
    return invoice


def cancel_one_time(
    session: Scoped, invoice_ids: Collection[int], reason: str, actor: Actor, today: date, at: datetime
) -> None:
    """Take one-time payments back, all or none: nothing is owed on them, their links say so, no mail asks for them.

    Args:
        session: a write unit.
        invoice_ids: at least one.
        reason: in the agency's words, for the audit.
        today: the day at the agency.

    Raises:
        NotFound: one is no one-time payment.
        Conflict: one is fixed; see `why_fixed`.
    """
    for invoice in _hold(session, invoice_ids):
        if live_link(session, account := Account(None, invoice.id)) is not None:
            stop_link(session, account, actor, at)
        cents = invoice.open_cents
        void_invoice(session, invoice, today, at)
        record(session, actor, "invoice.voided", "invoice", invoice.id, at, amount_cents=cents, reason=reason)
    session.flush()


def _hold(session: Scoped, invoice_ids: Collection[int]) -> Sequence[Invoice]:
    """The payments, in the order in which payments hold them, and as they are now: none starts or ends meanwhile."""
    query = select(Invoice).where(Invoice.id.in_(invoice_ids), Invoice.kind == "one_time", Invoice.program_id.is_(None))
    held = query.order_by(Invoice.id).with_for_update().execution_options(populate_existing=True)
    invoices = session.scalars(held).all()
    if len(invoices) != len(set(invoice_ids)) or not invoices:
        raise NotFound
    under_way = held_invoices(session, [invoice.id for invoice in invoices])
    for invoice in invoices:
        why = why_fixed(invoice, invoice.id in under_way)
        if why is not None:
            raise Conflict(why)
    return invoices


def _replace(
    session: Scoped,
    old: Invoice,
    description: str,
    new: OneTimeChange,
    actor: Actor,
    today: date,
    at: datetime,
) -> Invoice:
    """Void an invoice and issue another in its place; a link that was being sent is sent anew."""
    was_sent = live_link(session, Account(None, old.id)) is not None
    if was_sent:
        stop_link(session, Account(None, old.id), actor, at)
    void_invoice(session, old, today, at)
    draft = InvoiceDraft(
        insured_id=old.insured_id,
        kind="one_time",
        lines=new.lines,
        issued_on=today,
        due_date=new.due_date,
        description=description,
        contact_email=new.contact_email,
    )
    invoice = issue_invoice(session, draft, at)
    moved = {"invoice_id": invoice.id}
    for model in (PaymentLink, OneTimePart):
        own = update(model).where(model.invoice_id == old.id).values(moved)
        session.execute(own.execution_options(synchronize_session=False))
    record(session, actor, "invoice.replaced", "invoice", old.id, at, by=invoice.number, amount_cents=old.total_cents)
    record(session, actor, "invoice.issued", "invoice", invoice.id, at, number=invoice.number, instead_of=old.number)
    account = Account(None, invoice.id)
    session.flush()
    if was_sent and addresses_of(session, [owner_of(session, account)])[account]:
        start_link(session, account, actor, today, at)
    return invoice


def _named(session: Scoped, invoice_id: int, what: str) -> str:
    """The name of a payment with its place among several."""
    query = select(OneTimePart.number, OneTimePlan.payments).join(OneTimePlan, OneTimePlan.id == OneTimePart.plan_id)
    part = session.execute(query.where(OneTimePart.invoice_id == invoice_id)).one_or_none()
    return part_description(what, part.number, part.payments) if part else what
