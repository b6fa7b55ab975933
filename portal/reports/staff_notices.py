"""The notices of intent to cancel of a program, for staff: where each stands, and what can be done with it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.financing.late.landed import named_open
from portal.financing.late.models import CancelNotice, Reinstatement
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.payments.claims import held_invoices
from portal.programs.models import Program
from portal.servicing.late.reinstate import canceled_loan, live_offer, past_due_when_canceled

CLOSED_WORDS = {
    "paid": text("Stopped: what it names is paid"),
    "withdrawn": text("Taken back"),
    "canceled": text("Canceled for non-payment"),
}


@dataclass(frozen=True, slots=True)
class StaffNotice:
    """A notice.

    Args:
        stands: where it stands, in words.
        open_cents: what is open of what it names; 0 once it is closed.
        can_send: it waits for staff to let it go.
        is_paused: a payment of all that it names is under way.
        is_over: its last day has passed, and nobody is paying: the program can be canceled.
    """

    notice: CancelNotice
    stands: Text
    open_cents: int
    can_send: bool
    is_paused: bool
    is_over: bool

    @property
    def is_live(self) -> bool:
        """Whether it is not closed."""
        return self.notice.closed_at is None


def staff_notices(session: Scoped, program_id: int, today: date) -> list[StaffNotice]:
    """All notices of a program, the newest first.

    Args:
        today: the day at the agency.
    """
    query = select(CancelNotice).where(CancelNotice.program_id == program_id).order_by(CancelNotice.id.desc())
    return [_seen(session, notice, today) for notice in session.scalars(query)]


def _seen(session: Scoped, notice: CancelNotice, today: date) -> StaffNotice:
    if notice.closed_for is not None:
        return StaffNotice(notice, CLOSED_WORDS[notice.closed_for], 0, False, False, False)
    named = named_open(session, notice)
    held = held_invoices(session, [invoice.id for invoice in named])
    is_paused = bool(held) and len(held) == len(named)
    is_over = notice.pay_by is not None and notice.pay_by < today and not held
    cents = sum(invoice.open_cents for invoice in named)
    return StaffNotice(
        notice, _stands(notice, is_paused, is_over), cents, notice.confirmed_at is None, is_paused, is_over
    )


def _stands(notice: CancelNotice, is_paused: bool, is_over: bool) -> Text:
    if notice.confirmed_at is None:
        return text("Waits for you to send it")
    if notice.pay_by is None:
        return text("Waits to be printed and mailed")
    if is_paused:
        return text("Paused: a payment is under way")
    if is_over:
        return text("Its days are over since %(date)s", date=notice.pay_by)
    return text("Runs until %(date)s", date=notice.pay_by)


@dataclass(frozen=True, slots=True)
class StaffReinstatement:
    """What can be done with a canceled program.

    Args:
        offer: the one that can be paid; None without one.
        can_offer: it was canceled for non-payment, and nothing is offered.
        past_due_cents: what an offer made today asks for, without the fee.
        not_billed: descriptions of invoices that the cancelation has voided and a reinstatement does not bill again.
    """

    offer: Reinstatement | None
    can_offer: bool
    past_due_cents: int
    not_billed: tuple[Text | str, ...]


def staff_reinstatement(session: Scoped, program: Program, today: date) -> StaffReinstatement:
    """A canceled program's offers; nothing for any other.

    Args:
        today: the day at the agency.
    """
    loan = canceled_loan(session, program)
    if loan is None:
        return StaffReinstatement(None, False, 0, ())
    offer = live_offer(session, program.id)
    cents = sum(cents for _, cents in past_due_when_canceled(session, loan.id, today).values())
    query = select(Invoice.kind, Invoice.description).where(
        Invoice.program_id == program.id, Invoice.state == "void", Invoice.kind.in_(("endorsement", "late_fee"))
    )
    voided = tuple(invoice_title(row.kind, row.description) for row in session.execute(query.order_by(Invoice.id)))
    return StaffReinstatement(offer, offer is None, cents, voided)
