"""What the table of actions needs of a program, read at once; and the check that each action makes in its own unit."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import and_, func, select

from portal.core.errors import NotFound
from portal.core.tenancy import Scoped
from portal.financing.models import Loan
from portal.invoices.models import Invoice
from portal.payments.autopay.enrolled import is_on_autopay
from portal.payments.claims import held_invoices
from portal.programs.actions import Action, ActionFacts, check_action
from portal.programs.changes import Endorsement
from portal.programs.models import Policy, Program, Renewal
from portal.servicing.late.reinstate import canceled_loan, live_offer
from portal.servicing.program_facts import statuses_of

MOVABLE = frozenset({"pay_in_full", "down_payment", "endorsement", "late_fee", "payoff"})
"""Kinds of invoices whose due date staff may change; that of an installment stands in the signed agreement."""
VOIDABLE = frozenset({"endorsement"})
WAITS = and_(Endorsement.way == "credit", Endorsement.confirmed_at.is_(None), Endorsement.withdrawn_at.is_(None))
"""Condition on an endorsement: its premium comes back once the carrier has confirmed it."""
LOST = frozenset({"pay_in_full", "endorsement", "installment", "late_fee", "payoff"})
"""Kinds that can be written off: not what binds or reinstates a loan."""


def action_facts(session: Scoped, program_id: int, today: date) -> ActionFacts:
    """Read them.

    Args:
        today: the day at the agency.

    Raises:
        NotFound: no such program.
    """
    program = session.get(Program, program_id)
    if program is None:
        raise NotFound
    query = select(Invoice).where(Invoice.program_id == program_id, Invoice.state != "void")
    invoices = session.scalars(query.order_by(Invoice.due_date, Invoice.id)).all()
    held = held_invoices(session, [invoice.id for invoice in invoices])
    last = session.scalar(select(func.max(Policy.expiration_date)).where(Policy.program_id == program_id))
    loans = select(Loan.state).where(Loan.program_id == program_id, Loan.state != "withdrawn")
    waiting = select(func.count()).select_from(Endorsement).where(Endorsement.program_id == program_id, WAITS)
    return ActionFacts(
        status=statuses_of(session, [program_id], today)[program_id],
        today=today,
        is_under_way=bool(held),
        is_payable=any(_waits(one, held) and one.kind != "financed" for one in invoices),
        is_paid=any(one.open_cents < one.total_cents for one in invoices),
        is_on_autopay=is_on_autopay(session, program_id),
        loan=session.scalars(loans.order_by(Loan.id.desc()).limit(1)).first(),
        last_expiration=last,
        is_renewed=session.scalar(select(Renewal.id).where(Renewal.renewed_id == program_id)) is not None,
        can_reinstate=canceled_loan(session, program) is not None and live_offer(session, program_id) is None,
        movable=len(movable(invoices, held)),
        voidable=len(voidable(invoices, held)),
        past_due=len(past_due(invoices, held, today)),
        waiting_credits=session.scalar(waiting) or 0,
    )


def require(session: Scoped, program_id: int, action: Action, today: date) -> Program:
    """The program, held, if it allows an action now; its invoices are held too, so that no payment starts meanwhile.

    Args:
        session: the write unit of the action.

    Raises:
        NotFound: no such program.
        IllegalMove: the table does not allow it.
    """
    query = select(Program).where(Program.id == program_id).with_for_update()
    program = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if program is None:
        raise NotFound
    hold_invoices(session, program_id)
    check_action(action, action_facts(session, program_id, today))
    return program


def hold_invoices(session: Scoped, program_id: int) -> Sequence[Invoice]:
    """A program's invoices as they are now, held in the order in which payments hold them, until the unit ends."""
    held = select(Invoice).where(Invoice.program_id == program_id).order_by(Invoice.id).with_for_update()
    return session.scalars(held.execution_options(populate_existing=True)).all()


def movable(invoices: Sequence[Invoice], held: Collection[int]) -> list[Invoice]:
    """Those whose due date may be changed."""
    return [one for one in invoices if one.kind in MOVABLE and _waits(one, held)]


def voidable(invoices: Sequence[Invoice], held: Collection[int]) -> list[Invoice]:
    """Those that can be voided: nothing was paid on them."""
    return [one for one in invoices if one.kind in VOIDABLE and one.open_cents == one.total_cents and _waits(one, held)]


def past_due(invoices: Sequence[Invoice], held: Collection[int], today: date) -> list[Invoice]:
    """Those that can be written off: their day has passed."""
    return [one for one in invoices if one.kind in LOST and one.due_date < today and _waits(one, held)]


def _waits(invoice: Invoice, held: Collection[int]) -> bool:
    return invoice.state == "open" and invoice.id not in held
