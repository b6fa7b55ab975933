"""What was voided in BindHQ: collecting stops, what was paid stays, and staff decide about the money."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from portal.core.audit import Actor
from portal.core.money import format_money
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.financing.models import Loan
from portal.invoices.issue import void_invoice
from portal.invoices.models import Invoice
from portal.payments.autopay.ending import end_enrollment
from portal.payments.autopay.enrolled import live_enrollment
from portal.payments.claims import held_invoices
from portal.policy_system.models import ImportRecord
from portal.policy_system.rules import Failure, failure
from portal.programs.models import Program
from portal.servicing.actions.facts import hold_invoices
from portal.servicing.actions.invoices import void_open
from portal.servicing.archive import archive, stop_collecting

REASON = "Voided in BindHQ"


def void(session: Scoped, record: ImportRecord, actor: Actor, today: date, at: datetime) -> list[Failure]:
    """Void what a record became, with everything that hangs on it; done twice, it changes nothing.

    Args:
        session: the unit that holds the record.
        today: the day at the agency.

    Returns:
        What staff have to know of it.
    """
    if record.invoice_id is not None:
        return _void_endorsement(session, record, actor, today, at)
    found: list[Failure] = []
    if record.program_id is not None:
        found = _void_program(session, record, record.program_id, actor, today, at)
    if record.object_type != "policy":
        return found
    children = select(ImportRecord).where(
        ImportRecord.parent_id == record.object_id,
        ImportRecord.object_type == "endorsement",
        ImportRecord.program_id.is_not(None),
    )
    for child in session.scalars(children.order_by(ImportRecord.id).with_for_update()):
        if child.invoice_id is None and child.program_id is not None:
            child.failures = [one.stored() for one in _void_program(session, child, child.program_id, actor, today, at)]
        child.state = "voided" if child.state == "imported" else child.state
    session.flush()
    return found


def settle_waiting(session: Scoped, actor: Actor, today: date, at: datetime) -> int:
    """Look at what was voided while a payment was under way, whose end has come; says how many are done.

    Args:
        session: a write unit.
    """
    done = 0
    waiting = select(ImportRecord).where(ImportRecord.waits_for_debit).order_by(ImportRecord.id).with_for_update()
    for record in session.scalars(waiting):
        assert record.program_id is not None
        invoices = [
            one
            for one in hold_invoices(session, record.program_id)
            if record.invoice_id is None or one.id == record.invoice_id
        ]
        if held_invoices(session, [one.id for one in invoices]):
            continue
        done += 1
        record.waits_for_debit = False
        paid = _paid(invoices)
        if not paid or record.invoice_id is not None:
            _void_all(session, invoices, today, at)
        record.failures = [one.stored() for one in _about_money(session, record, paid, at)] if paid else []
    session.flush()
    return done


def _void_program(
    session: Scoped, record: ImportRecord, program_id: int, actor: Actor, today: date, at: datetime
) -> list[Failure]:
    query = select(Program).where(Program.id == program_id).with_for_update()
    program = session.scalars(query.execution_options(populate_existing=True)).one()
    invoices = hold_invoices(session, program_id)
    if program.archived_at is not None:
        return []
    loan = select(Loan.id).where(Loan.program_id == program_id, Loan.state.in_(("signed", "bound")))
    if session.scalar(loan) is not None:
        open_task(session, "policy_system.voided_financed", f"{program_id}:{record.id}", at, policy=record.number)
        return [failure("BHQ_VOID_FINANCED", "program.loan", record.number)]
    enrollment = live_enrollment(session, program_id)
    if enrollment is not None:
        end_enrollment(session, enrollment, "program", actor, at, note=REASON)
    held = held_invoices(session, [one.id for one in invoices])
    paid = _paid(invoices)
    if not paid and not held:
        _void_all(session, invoices, today, at)
        archive(session, program, actor, at)
        return []
    stop_collecting(session, program, actor, at)
    if held:
        return _wait(record, sum(one.open_cents for one in invoices if one.id in held) + paid)
    return _about_money(session, record, paid, at)


def _void_endorsement(session: Scoped, record: ImportRecord, actor: Actor, today: date, at: datetime) -> list[Failure]:
    assert record.program_id is not None and record.invoice_id is not None
    query = select(Program).where(Program.id == record.program_id).with_for_update()
    program = session.scalars(query.execution_options(populate_existing=True)).one()
    invoices = [one for one in hold_invoices(session, program.id) if one.id == record.invoice_id]
    (invoice,) = invoices
    if invoice.state == "void":
        return []
    if held_invoices(session, [invoice.id]):
        return _wait(record, invoice.total_cents)
    paid = _paid(invoices)
    if not paid:
        void_open(session, program, invoice.id, REASON, actor, today, at)
        return []
    _void_all(session, invoices, today, at)
    return _about_money(session, record, paid, at)


def _void_all(session: Scoped, invoices: Sequence[Invoice], today: date, at: datetime) -> None:
    for one in invoices:
        if one.state == "open":
            void_invoice(session, one, today, at)


def _wait(record: ImportRecord, cents: int) -> list[Failure]:
    record.waits_for_debit = True
    return [failure("BHQ_VOID_HAS_PAYMENTS", "program.payments", format_money(cents), paid=format_money(cents))]


def _about_money(session: Scoped, record: ImportRecord, paid: int, at: datetime) -> list[Failure]:
    ref = f"{record.program_id}:{record.id}"
    open_task(session, "policy_system.voided_paid", ref, at, policy=record.number, amount_cents=paid)
    return [failure("BHQ_VOID_HAS_PAYMENTS", "program.payments", format_money(paid), paid=format_money(paid))]


def _paid(invoices: Sequence[Invoice]) -> int:
    return sum(one.total_cents - one.open_cents for one in invoices if one.state != "void")
