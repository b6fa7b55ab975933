"""Archive a program that nobody paid for, and take it back: links close, mail stops, it stays searchable."""

from datetime import date, datetime

from sqlalchemy import select

from portal.core.audit import Actor, record
from portal.core.errors import IllegalMove
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.invoices.models import Invoice
from portal.payments.models import Claim
from portal.programs.models import Program
from portal.servicing.bind import Binding, BoundProgram, bill
from portal.servicing.stored import stored_programs


def archive(session: Scoped, program: Program, actor: Actor, at: datetime) -> None:
    """Archive a program. Its invoices stay as they are, out of sight.

    Raises:
        IllegalMove: it is archived already, something was paid on it, or a payment is under way.
    """
    if program.archived_at is not None:
        raise IllegalMove(text("The program is archived already."))
    # Held, in the order in which payments hold them, and as they are now: no payment starts or ends meanwhile.
    held = select(Invoice).where(Invoice.program_id == program.id).order_by(Invoice.id).with_for_update()
    invoices = session.scalars(held.execution_options(populate_existing=True)).all()
    if any(invoice.state == "paid" or 0 < invoice.open_cents < invoice.total_cents for invoice in invoices):
        raise IllegalMove(text("Something was paid on this program; it cannot be archived."))
    live = select(Claim.id).where(Claim.invoice_id.in_([invoice.id for invoice in invoices]), Claim.state == "live")
    if session.scalars(live).first() is not None:
        raise IllegalMove(text("A payment is under way; wait until it is through."))
    program.archived_at = at
    record(session, actor, "program.archived", "program", program.id, at)
    session.flush()


def stop_collecting(session: Scoped, program: Program, actor: Actor, at: datetime) -> None:
    """Archive a program on which something was paid, or is being paid: nothing more is collected, and the books stay.

    What becomes of the money is for staff to say.
    """
    program.archived_at = at
    record(session, actor, "program.archived", "program", program.id, at, paid=True)
    session.flush()


def unarchive(session: Scoped, program: Program, actor: Actor, today: date, at: datetime) -> None:
    """Take an archived program back; if its invoices were voided with it, it is billed anew.

    Args:
        today: the day at the agency.

    Raises:
        IllegalMove: it is not archived.
    """
    if program.archived_at is None:
        raise IllegalMove(text("The program is not archived."))
    program.archived_at = None
    record(session, actor, "program.unarchived", "program", program.id, at)
    session.flush()
    stored = stored_programs(session, [program.reference])[program.reference]
    voided = select(Invoice.id).where(Invoice.program_id == program.id, Invoice.state == "void")
    if stored.invoice_id is None and not stored.is_further and session.scalars(voided).first() is not None:
        program.due_date = max(program.due_date, today)
        again = stored_programs(session, [program.reference])[program.reference]
        bound = BoundProgram(program.id, program.insured_id, again.draft, again.policy_ids)
        bill(session, [bound], Binding(actor, b"", today, at))
