"""Customers' credit as staff and the insured see it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, func, select

from portal.core.errors import NotFound
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.kinds import kind_name
from portal.invoices.models import Invoice
from portal.payments.claims import held_invoices
from portal.payments.models import Payment
from portal.payments.money_back.credit import CreditOwner
from portal.payments.money_back.models import CreditEntry, Refund
from portal.payments.money_back.rules import UNFAILED

KIND_WORDS: dict[str, Text] = {
    "charge": text("Paid more than was open"),
    "check_bounced": text("Taken back: the check bounced"),
    "credit_applied": text("Used for an invoice"),
    "credit_paid_out": text("Paid out by hand"),
    "dispute_reinstated": text("A dispute was won"),
    "dispute_withdrawn": text("Taken back by the payer's bank"),
    "loan_canceled": text("Premium came back when a loan was canceled"),
    "premium_returned": text("Premium came back"),
    "refund": text("Refunded"),
    "refund_failed": text("A refund came back"),
    "refund_undone": text("A refund was undone"),
}


@dataclass(frozen=True, slots=True)
class CreditLine:
    """One change of a credit: what it was, and where it leads."""

    words: Text
    cents: int
    booked_on: date
    note: str
    by: str
    payment: tuple[int, str] | None
    invoice_number: str


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An invoice that the credit could pay."""

    id: int
    number: str
    title: Text | str
    open_cents: int


@dataclass(frozen=True, slots=True)
class CreditPage:
    """An insured's credit.

    Args:
        lines: its history, the newest first.
        invoices: open ones of theirs that no payment holds.
        payments: ids and references of their payments by which it could go back.
    """

    insured: Insured
    balance_cents: int
    lines: tuple[CreditLine, ...]
    invoices: tuple[OpenInvoice, ...]
    payments: tuple[tuple[int, str], ...]


def credits(session: Scoped) -> list[tuple[int, str, int]]:
    """Who has a credit: id, name and cents, the largest first."""
    total = func.sum(CreditEntry.cents)
    rows = session.execute(
        select(Insured.id, Insured.name, total)
        .join(Insured, Insured.id == CreditEntry.insured_id)
        .group_by(Insured.id, Insured.name)
        .having(total != 0)
        .order_by(total.desc(), Insured.id)
    )
    return [(row[0], row[1], int(row[2])) for row in rows]


def credit_page(session: Scoped, insured_id: int) -> CreditPage:
    """An insured's credit with its history.

    Raises:
        NotFound: no such insured.
    """
    insured = session.get(Insured, insured_id)
    if insured is None:
        raise NotFound
    lines = credit_lines(session, CreditOwner(insured_id=insured_id))
    return CreditPage(
        insured=insured,
        balance_cents=sum(line.cents for line in lines),
        lines=lines,
        invoices=_open_invoices(session, insured_id),
        payments=_payments(session, insured_id),
    )


def credit_lines(session: Scoped, owner: CreditOwner) -> tuple[CreditLine, ...]:
    """The history of a credit, the newest first."""
    rows = session.execute(
        select(CreditEntry, Payment.id, Payment.reference, Invoice.number)
        .outerjoin(Payment, Payment.id == CreditEntry.payment_id)
        .outerjoin(Invoice, Invoice.id == CreditEntry.invoice_id)
        .where(owner.entries)
        .order_by(CreditEntry.id.desc())
    ).all()
    return tuple(
        CreditLine(
            words=KIND_WORDS[entry.kind],
            cents=entry.cents,
            booked_on=entry.booked_on,
            note=entry.note,
            by=entry.by,
            payment=(payment_id, reference) if payment_id is not None else None,
            invoice_number=number or "",
        )
        for entry, payment_id, reference, number in rows
    )


_SEEN_CREDIT = select(func.coalesce(func.sum(CreditEntry.cents), 0)).where(
    CreditEntry.insured_id.in_(select(InsuredEmail.insured_id).where(InsuredEmail.email == bindparam("email")))
)


def seen_credit(session: Scoped, email: str) -> int:
    """What the insureds of this address have to their credit, in cents."""
    return max(0, int(session.rows(_SEEN_CREDIT, {"email": email}).scalar_one()))


def _open_invoices(session: Scoped, insured_id: int) -> tuple[OpenInvoice, ...]:
    query = select(Invoice).where(CreditOwner(insured_id=insured_id).invoices, Invoice.state == "open")
    invoices = session.scalars(query.order_by(Invoice.due_date, Invoice.id)).all()
    held = held_invoices(session, [invoice.id for invoice in invoices])
    return tuple(
        OpenInvoice(row.id, row.number, row.description or kind_name(row.kind), row.open_cents)
        for row in invoices
        if row.id not in held
    )


def _payments(session: Scoped, insured_id: int) -> tuple[tuple[int, str], ...]:
    """Payments of theirs of which not all has gone back yet."""
    refunded = (
        select(func.coalesce(func.sum(Refund.total_cents), 0))
        .where(Refund.payment_id == Payment.id, Refund.state.in_(UNFAILED))
        .scalar_subquery()
    )
    made = select(CreditEntry.payment_id).where(CreditEntry.insured_id == insured_id)
    query = select(Payment.id, Payment.reference).where(
        Payment.id.in_(made), Payment.state == "succeeded", Payment.charged_cents > refunded
    )
    return tuple((row.id, row.reference) for row in session.execute(query.order_by(Payment.id.desc())))
