"""One-time payments, which belong to no program: asked for at once or in several, each with its payment link."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.core.audit import Actor, record
from portal.core.errors import NotFound
from portal.core.tenancy import Scoped
from portal.insureds.erase import is_gone
from portal.insureds.models import Insured
from portal.invoices.issue import InvoiceDraft, issue_invoice, issue_invoices
from portal.invoices.kinds import part_description
from portal.invoices.models import Invoice, OneTimePart, OneTimePlan
from portal.programs.links import issue_link
from portal.servicing.one_time_schedule import Part


@dataclass(frozen=True, slots=True)
class OneTimeDraft:
    """What is asked for.

    Args:
        description: what it is for, in the agency's words.
        parts: the payments, by due date.
        contact_email: an address of its own, which opens this alone; None: those of the insured.
    """

    insured_id: int
    description: str
    parts: Sequence[Part]
    contact_email: str | None = None


def issue_one_time(session: Scoped, draft: InvoiceDraft, actor: Actor, at: datetime) -> Invoice:
    """Issue one, with its link. It sends nothing.

    Args:
        session: a write unit.
        draft: what is to be paid; it names no program.
        actor: who asks for the money.

    Raises:
        BadInput: it has no positive total, or a negative line.
    """
    invoice = issue_invoice(session, replace(draft, kind="one_time", program_id=None), at)
    _open(session, invoice, actor, at)
    session.flush()
    return invoice


def ask_for(
    session: Scoped, draft: OneTimeDraft, request_key: str, actor: Actor, today: date, at: datetime
) -> list[Invoice]:
    """Issue the payments of a draft, each with its link; the same request changes nothing again. It sends nothing.

    Args:
        session: a write unit.
        request_key: one per rendered form.
        actor: who asks for the money.
        today: the day at the agency.

    Returns:
        The payments, by due date.

    Raises:
        NotFound: there is no such customer any more.
    """
    # Held, as a foreign key does, so that they are not merged into another customer meanwhile.
    held = {"read": True, "key_share": True}
    insured = session.get(Insured, draft.insured_id, with_for_update=held, populate_existing=True)
    if insured is None or is_gone(insured):
        raise NotFound
    known = plan_of_request(session, request_key)
    if known is not None:
        return payments_of(session, known.id)
    plan = OneTimePlan(request_key=request_key, payments=len(draft.parts), created_at=at)
    try:
        with session.begin_nested():
            session.add(plan)
    except IntegrityError:  # the same form was sent twice at the same moment
        return ask_for(session, draft, request_key, actor, today, at)
    count = len(draft.parts)
    invoices = issue_invoices(
        session,
        [
            InvoiceDraft(
                insured_id=draft.insured_id,
                kind="one_time",
                lines=part.lines,
                issued_on=today,
                due_date=part.due_date,
                description=part_description(draft.description, number, count),
                contact_email=draft.contact_email,
            )
            for number, part in enumerate(draft.parts, 1)
        ],
        at,
    )
    for number, invoice in enumerate(invoices, 1):
        session.add(OneTimePart(plan_id=plan.id, number=number, invoice_id=invoice.id))
        _open(session, invoice, actor, at)
    session.flush()
    return invoices


def plan_of_request(session: Scoped, request_key: str) -> OneTimePlan | None:
    """What a form has made, if it was sent before."""
    return session.scalars(select(OneTimePlan).where(OneTimePlan.request_key == request_key)).one_or_none()


def payments_of(session: Scoped, plan_id: int) -> list[Invoice]:
    """The payments of a plan, as they stand, in order."""
    query = select(Invoice).join(OneTimePart, OneTimePart.invoice_id == Invoice.id)
    return list(session.scalars(query.where(OneTimePart.plan_id == plan_id).order_by(OneTimePart.number)))


def _open(session: Scoped, invoice: Invoice, actor: Actor, at: datetime) -> None:
    issue_link(session, at, invoice_id=invoice.id)
    record(session, actor, "invoice.issued", "invoice", invoice.id, at, number=invoice.number)
