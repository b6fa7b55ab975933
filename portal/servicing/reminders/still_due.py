"""What is still due when a reminder leaves, and to whom it goes: the mail says this, and nothing older."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select

from portal.core.tenancy import Scoped
from portal.insureds.dead_addresses import dead_of
from portal.insureds.models import InsuredEmail
from portal.invoices.due_first import later_installments
from portal.invoices.models import Invoice
from portal.payments.autopay.enrolled import Charged, charged
from portal.payments.payable import Payable, payable_invoices
from portal.programs.models import Program
from portal.servicing.reminders.models import LinkSequence, Reminder, ReminderStep

AT_ONCE = 5_000
"""How many rows are asked for by their ids in one query."""


class Account(NamedTuple):
    """What one mail is about: a program, or a one-time payment. One of the two is None."""

    program_id: int | None
    invoice_id: int | None

    def __str__(self) -> str:
        """As it stands in the key of a reminder."""
        return f"program:{self.program_id}" if self.program_id else f"invoice:{self.invoice_id}"

    @property
    def invoices(self) -> ColumnElement[bool]:
        """Condition on `Invoice`: those of it."""
        return Invoice.program_id == self.program_id if self.program_id else Invoice.id == self.invoice_id

    @property
    def reminders(self) -> ColumnElement[bool]:
        """Condition on `Reminder`: those about it."""
        return Reminder.program_id == self.program_id if self.program_id else Reminder.invoice_id == self.invoice_id

    @property
    def links(self) -> ColumnElement[bool]:
        """Condition on `LinkSequence`: those about it."""
        if self.program_id:
            return LinkSequence.program_id == self.program_id
        return LinkSequence.invoice_id == self.invoice_id


class Address(NamedTuple):
    """Where a mail goes. `email_id` is None for the address that a program or one-time payment has of its own."""

    email_id: int | None
    email: str


def not_canceled(day: date) -> ColumnElement[bool]:
    """Condition on `Invoice` with its `Program`: it is no program's that is canceled by then."""
    return or_(Invoice.program_id.is_(None), Program.canceled_on.is_(None), Program.canceled_on > day)


def asked_for(session: Scoped, account: Account, day: date, due_until: date | None = None) -> list[Payable]:
    """What whoever pays an account is asked for when staff ask: all that is open, but of later installments none.

    What a payment holds is in it too, marked so: it is neither due nor settled. Autopay does not matter.

    Args:
        due_until: nothing that is due later, unless it is past due by now; None: whenever it is due.
    """
    open_ones = payable_invoices(session, and_(account.invoices, not_canceled(day)))
    later = later_installments(open_ones, day)
    last = max(due_until, day) if due_until else date.max
    return [one for one in open_ones if one.id not in later and one.due_date <= last]


def not_charged(session: Scoped, account: Account, day: date) -> list[Payable]:
    """What is open of an account that no payment holds and autopay does not charge."""
    by_autopay = charged(session, account.program_id) if account.program_id else Charged({})
    return [
        one
        for one in payable_invoices(session, and_(account.invoices, not_canceled(day)))
        if not (one.is_under_way or by_autopay.holds(one))
    ]


def still_due(session: Scoped, reminder: Reminder, day: date) -> list[Payable]:
    """What a reminder that was decided earlier is still to ask for; empty if nothing.

    A step counts as long as its invoice is open, has the same due date, no payment holds it, autopay does not
    charge it, and the program is not archived or canceled. With it comes what else of the program is past due.
    """
    account = Account(reminder.program_id, reminder.invoice_id)
    if reminder.kind in {"link", "by_hand"}:
        sequence = session.get(LinkSequence, reminder.sequence_id) if reminder.sequence_id else None
        if sequence is not None and sequence.ended_why == "stopped":
            return []
        asked = asked_for(session, account, day, sequence.due_until if sequence else None)
        return [one for one in asked if not one.is_under_way]
    open_ones = not_charged(session, account, day)
    steps = select(ReminderStep.invoice_id, ReminderStep.due_date).where(ReminderStep.reminder_id == reminder.id)
    meant = set(session.execute(steps))
    if not any((one.id, one.due_date) in meant for one in open_ones):
        return []
    return [one for one in open_ones if (one.id, one.due_date) in meant or one.due_date < day]


def addresses_of(
    session: Scoped, owners: Collection[tuple[Account, int, str | None]]
) -> Mapping[Account, tuple[Address, ...]]:
    """The addresses that work, of many accounts: an account's own one, else all of the insured.

    Args:
        owners: accounts, each with its insured and the address that it has of its own.
    """
    insured_ids = sorted({insured_id for _, insured_id, _ in owners})
    of_insureds: dict[int, list[Address]] = {}
    for first in range(0, len(insured_ids), AT_ONCE):
        query = select(InsuredEmail.insured_id, InsuredEmail.id, InsuredEmail.email).where(
            InsuredEmail.insured_id.in_(insured_ids[first : first + AT_ONCE])
        )
        for insured_id, email_id, email in session.execute(query.order_by(InsuredEmail.id)):
            of_insureds.setdefault(insured_id, []).append(Address(email_id, email))
    known = {contact for *_, contact in owners if contact}
    known |= {address.email for addresses in of_insureds.values() for address in addresses}
    dead = dead_of(session, known)
    found: dict[Account, tuple[Address, ...]] = {}
    for account, insured_id, contact in owners:
        if contact and contact not in dead:
            found[account] = (Address(None, contact),)
        else:
            found[account] = tuple(one for one in of_insureds.get(insured_id, ()) if one.email not in dead)
    return found


def address_of(session: Scoped, account: Account, email_id: int | None) -> Address | None:
    """One of the addresses that a mail was put on its way to; None if it is gone, or dead, meanwhile."""
    owner = owner_of(session, account)
    return next((one for one in addresses_of(session, [owner])[account] if one.email_id == email_id), None)


def owner_of(session: Scoped, account: Account) -> tuple[Account, int, str | None]:
    """An account with its insured and its own address."""
    model: type[Program] | type[Invoice] = Program if account.program_id else Invoice
    query = select(model.insured_id, model.contact_email).where(model.id == (account.program_id or account.invoice_id))
    insured_id, contact = session.execute(query).one()
    return account, insured_id, contact
