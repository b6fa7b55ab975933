"""The agency's customers as staff look through them, and one with everything that belongs to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select

from portal.core.audit import AuditEntry, Told, tell
from portal.core.errors import NotFound
from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.invoices.status import InvoiceStatus, invoice_status
from portal.payments.models import Claim, Payment
from portal.payments.money_back.credit import CreditOwner, credit_balance
from portal.programs.lifecycle import ProgramStatus
from portal.programs.models import Program
from portal.reports.staff_payments import ListedPayment, listed
from portal.servicing.program_facts import statuses_of, under_way

PAGE = 50
MOST_PAYMENTS = MOST_ENTRIES = 50


@dataclass(frozen=True, slots=True)
class ListedCustomer:
    """One line of the list; `open_cents` is what all their open invoices ask for."""

    id: int
    name: str
    reference: str
    place: str
    open_cents: int


@dataclass(frozen=True, slots=True)
class OwnProgram:
    """A program of a customer."""

    id: int
    name: str
    reference: str
    status: ProgramStatus
    open_cents: int


@dataclass(frozen=True, slots=True)
class OneTime:
    """An invoice of a customer without a program."""

    id: int
    number: str
    title: Text | str
    due_date: date
    status: InvoiceStatus
    total_cents: int
    open_cents: int


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer with everything.

    Args:
        credit_cents: what they have paid too much.
        payments, entries: the newest first, at most fifty of each.
    """

    insured: Insured
    emails: tuple[str, ...]
    programs: tuple[OwnProgram, ...]
    one_time: tuple[OneTime, ...]
    payments: tuple[ListedPayment, ...]
    credit_cents: int
    entries: tuple[Told, ...]

    @property
    def open_cents(self) -> int:
        """What all their open invoices ask for, payments under way included."""
        return sum(one.open_cents for one in self.one_time) + sum(program.open_cents for program in self.programs)


def customers(session: Scoped, typed: str, before: int | None) -> tuple[list[ListedCustomer], int | None]:
    """Fifty customers, the newest first, and the id with which the next page begins; None on the last.

    Args:
        typed: part of a name, or the beginning of a reference or e-mail address; empty for all.
        before: the id with which the page before ended.
    """
    query = select(Insured.id, Insured.name, Insured.reference, Insured.city, Insured.state)
    query = query.where(Insured.merged_into_id.is_(None))
    if typed:
        emails = select(InsuredEmail.insured_id).where(InsuredEmail.email.istartswith(typed, autoescape=True))
        fits = or_(
            Insured.name.icontains(typed, autoescape=True),
            Insured.reference.istartswith(typed, autoescape=True),
            Insured.id.in_(emails),
        )
        query = query.where(fits)
    if before is not None:
        query = query.where(Insured.id < before)
    rows = session.execute(query.order_by(Insured.id.desc()).limit(PAGE + 1)).all()
    shown = rows[:PAGE]
    owed = _open_cents(session, [row.id for row in shown])
    found = [
        ListedCustomer(
            row.id, row.name, row.reference, ", ".join(filter(None, (row.city, row.state))), owed.get(row.id, 0)
        )
        for row in shown
    ]
    return found, shown[-1].id if len(rows) > PAGE else None


def customer(session: Scoped, insured_id: int, today: date) -> Customer:
    """A customer of this agency.

    Args:
        today: the day at the agency.

    Raises:
        NotFound: there is none.
    """
    insured = session.get(Insured, insured_id)
    if insured is None:
        raise NotFound
    merged = select(Insured.id).where(Insured.merged_into_id == insured_id)
    ids = [insured_id, *session.scalars(merged)]
    history = select(AuditEntry).where(AuditEntry.subject_kind == "insured", AuditEntry.subject_id.in_(ids))
    newest = history.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(MOST_ENTRIES)
    return Customer(
        insured=insured,
        emails=emails_of(session, insured_id),
        programs=tuple(_programs(session, insured_id, today)),
        one_time=tuple(_one_time(session, insured_id, today)),
        payments=tuple(_payments(session, insured_id)),
        credit_cents=credit_balance(session, CreditOwner(insured_id=insured_id)),
        entries=tuple(tell(session, session.scalars(newest).all())),
    )


def emails_of(session: Scoped, insured_id: int) -> tuple[str, ...]:
    """The e-mail addresses of a customer."""
    query = select(InsuredEmail.email).where(InsuredEmail.insured_id == insured_id)
    return tuple(session.scalars(query.order_by(InsuredEmail.email)))


def _open_cents(session: Scoped, insured_ids: Collection[int]) -> dict[int, int]:
    query = (
        select(Invoice.insured_id, func.sum(Invoice.open_cents))
        .where(Invoice.insured_id.in_(insured_ids), Invoice.state == "open", Invoice.kind != "financed")
        .group_by(Invoice.insured_id)
    )
    return {insured_id: int(cents) for insured_id, cents in session.execute(query)}


def _programs(session: Scoped, insured_id: int, today: date) -> list[OwnProgram]:
    programs = select(Program).where(Program.insured_id == insured_id)
    rows = session.scalars(programs.order_by(Program.created_at.desc(), Program.id.desc())).all()
    statuses = statuses_of(session, [row.id for row in rows], today)
    owed = (
        select(Invoice.program_id, func.sum(Invoice.open_cents))
        .where(Invoice.insured_id == insured_id, Invoice.state == "open", Invoice.kind != "financed")
        .group_by(Invoice.program_id)
    )
    open_cents = dict(session.execute(owed).all())
    return [
        OwnProgram(row.id, row.name, row.reference, statuses[row.id], int(open_cents.get(row.id, 0))) for row in rows
    ]


def _one_time(session: Scoped, insured_id: int, today: date) -> list[OneTime]:
    query = select(Invoice, under_way()).where(Invoice.insured_id == insured_id, Invoice.program_id.is_(None))
    return [
        OneTime(
            row.id,
            row.number,
            invoice_title(row.kind, row.description),
            row.due_date,
            invoice_status(row.state, row.due_date, is_held, today),
            row.total_cents,
            row.open_cents if row.state == "open" else 0,
        )
        for row, is_held in session.execute(query.order_by(Invoice.due_date.desc(), Invoice.id.desc()))
    ]


def _payments(session: Scoped, insured_id: int) -> list[ListedPayment]:
    made = (
        select(Claim.payment_id).join(Invoice, Invoice.id == Claim.invoice_id).where(Invoice.insured_id == insured_id)
    )
    query = select(Payment).where(Payment.id.in_(made)).order_by(Payment.id.desc()).limit(MOST_PAYMENTS)
    return [listed(payment) for payment in session.scalars(query)]
