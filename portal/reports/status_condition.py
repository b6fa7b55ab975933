"""The status of a program as the database works it out, for lists that look for one: the rules of `program_status`.

`tests/reports/test_status_condition.py` holds both against each other.
"""

from datetime import date

from sqlalchemy import Case, ColumnElement, Exists, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal.financing.late.models import CancelNotice
from portal.invoices.models import Invoice
from portal.payments.models import Claim
from portal.programs.models import Policy, Program
from portal.servicing.program_facts import under_way

_OPEN = Invoice.state == "open"


def in_status(status: str, today: date) -> list[ColumnElement[bool]]:
    """The `Program` of the query around it has this status: first what an index finds, since few of many may have it.

    Args:
        status: none but of `ProgramStatus`.
        today: the day at the agency.
    """
    return [*_found(status, today), status_at(today) == status]


def status_at(today: date) -> Case[str]:
    """The status of the `Program` of the query around it.

    Args:
        today: the day at the agency.
    """
    waiting = and_(_OPEN, ~under_way())
    paid = _has(or_(Invoice.state == "paid", Invoice.open_cents < Invoice.total_cents))
    back = and_(_OPEN, Invoice.kind == "reinstatement")
    named = and_(_OPEN, Invoice.kind == "installment", _named())
    last = (
        select(func.max(Policy.expiration_date))
        .where(Policy.agency_id == Program.agency_id, Policy.program_id == Program.id)
        .correlate(Program)
        .scalar_subquery()
    )
    after_cancelation = case(
        (_has(back), case((_has(and_(back, under_way())), "processing"), else_="reinstatement_due")), else_="canceled"
    )
    return case(
        (Program.archived_at.is_not(None), "archived"),
        (or_(Program.is_draft.is_(True), last.is_(None), ~_has(Invoice.id > 0)), "incomplete"),
        (and_(Program.canceled_on.is_not(None), Program.canceled_on <= today), after_cancelation),
        (~_has(_OPEN), case((last <= today, "completed"), else_="active")),
        (_has(named), case((_has(and_(named, ~under_way())), "pending_cancelation"), else_="processing")),
        (~_has(waiting), case((paid, "active"), else_="processing")),
        (_has(and_(waiting, Invoice.due_date < today)), case((paid, "overdue"), else_="payment_due")),
        (_has(and_(waiting, Invoice.kind == "endorsement")), "endorsement_due"),
        else_=case((paid, "active"), else_="payment_due"),
    )


def _has(which: ColumnElement[bool]) -> Exists:
    """The program has such an invoice; drafts and void ones count for nothing."""
    counts = Invoice.state.not_in(("draft", "void")), Invoice.kind != "financed"
    mine = Invoice.agency_id == Program.agency_id, Invoice.program_id == Program.id
    return exists().where(*mine, *counts, which).correlate(Program)


def _named() -> Exists:
    """A notice of intent to cancel whose clock runs names the invoice."""
    mine = CancelNotice.agency_id == Invoice.agency_id, CancelNotice.program_id == Invoice.program_id
    runs = CancelNotice.closed_at.is_(None), CancelNotice.sent_on.is_not(None)
    return exists().where(*mine, *runs, Invoice.due_date <= CancelNotice.through).correlate(Invoice)


def _found(status: str, today: date) -> list[ColumnElement[bool]]:
    """What must be so for a status, as far as indexes find it; of the usual ones a page is found without."""
    match status:
        case "canceled":
            return [Program.canceled_on <= today]
        case "overdue":
            return [Program.id.in_(_of_open(Invoice.due_date < today))]
        case "endorsement_due":
            return [Program.id.in_(_of_open(Invoice.kind == "endorsement"))]
        case "reinstatement_due":
            return [Program.id.in_(_of_open(Invoice.kind == "reinstatement"))]
        case "processing":
            held = select(Invoice.program_id).join(Claim, Claim.invoice_id == Invoice.id).where(Claim.state == "live")
            return [Program.id.in_(held.where(Invoice.program_id.is_not(None)))]
        case "pending_cancelation":
            runs = CancelNotice.closed_at.is_(None), CancelNotice.sent_on.is_not(None)
            return [Program.id.in_(select(CancelNotice.program_id).where(*runs))]
        case "incomplete":
            one = aliased(Program)
            policies = exists().where(Policy.agency_id == one.agency_id, Policy.program_id == one.id)
            mine = Invoice.agency_id == one.agency_id, Invoice.program_id == one.id
            billed = exists().where(*mine, Invoice.state.not_in(("draft", "void")), Invoice.kind != "financed")
            without = [Program.id.in_(select(one.id).where(~each)) for each in (policies, billed)]
            return [or_(Program.is_draft.is_(True), *without)]
    return []


def _of_open(which: ColumnElement[bool]) -> Select[int | None]:
    """The programs of such open invoices."""
    return select(Invoice.program_id).where(_OPEN, which, Invoice.program_id.is_not(None))
