"""The credit of customers and partners as staff and they themselves see it."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import bindparam, cast, func, select, union

from portal.core.db import BigInt
from portal.core.errors import NotFound
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.kinds import kind_name
from portal.invoices.models import Invoice
from portal.partners.accounts import partner_of
from portal.partners.models import Partner
from portal.payments.models import Claim, Payment
from portal.payments.money_back.credit import CreditOwner, owner_of
from portal.payments.money_back.models import CreditEntry, Refund
from portal.payments.money_back.rules import UNFAILED

MOST_INVOICES = 50
"""Invoices that are offered to be paid with a credit; a partner can have thousands."""
MOST_PAYMENTS = 5
"""Payments by which a credit is offered to go back, the newest first."""
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
    """An invoice that the credit could pay. `insured`: whom it is about."""

    id: int
    number: str
    insured: str
    due_date: date
    title: Text | str
    open_cents: int


@dataclass(frozen=True, slots=True)
class CreditPage:
    """The credit of an insured or a partner.

    Args:
        name: of whom it is.
        lines: its history, the newest first.
        invoices: open ones of theirs that no payment holds, those due first; `has_more_invoices`: there are others.
        payments: ids and references of their payments by which it could go back.
    """

    owner: CreditOwner
    name: str
    balance_cents: int
    lines: tuple[CreditLine, ...]
    invoices: tuple[OpenInvoice, ...]
    has_more_invoices: bool
    payments: tuple[tuple[int, str], ...]


class OwnedCredit(NamedTuple):
    """Who has a credit, and how much."""

    owner: CreditOwner
    name: str
    cents: int


def credits(session: Scoped) -> list[OwnedCredit]:
    """Who has a credit: insureds and partners, the largest first."""
    total = func.sum(CreditEntry.cents)
    of_insureds = (
        select(Insured.id, Insured.name, total)
        .join(Insured, Insured.id == CreditEntry.insured_id)
        .group_by(Insured.id, Insured.name)
        .having(total != 0)
    )
    of_partners = (
        select(Partner.id, Partner.name, total)
        .join(Partner, Partner.id == CreditEntry.partner_id)
        .group_by(Partner.id, Partner.name)
        .having(total != 0)
    )
    found = [
        OwnedCredit(CreditOwner(insured_id=row_id), name, int(cents))
        for row_id, name, cents in session.execute(of_insureds)
    ] + [
        OwnedCredit(CreditOwner(partner_id=row_id), name, int(cents))
        for row_id, name, cents in session.execute(of_partners)
    ]
    return sorted(found, key=lambda each: (-each.cents, each.name, each.owner.id))


def credit_page(session: Scoped, owner: CreditOwner) -> CreditPage:
    """A credit with its history.

    Raises:
        NotFound: no such insured or partner.
    """
    lines, invoices = credit_lines(session, owner), _open_invoices(session, owner)
    return CreditPage(
        owner=owner,
        name=credit_name(session, owner),
        balance_cents=sum(line.cents for line in lines),
        lines=lines,
        invoices=invoices[:MOST_INVOICES],
        has_more_invoices=len(invoices) > MOST_INVOICES,
        payments=_payments(session, owner),
    )


def credit_name(session: Scoped, owner: CreditOwner) -> str:
    """The name of whose a credit is.

    Raises:
        NotFound: no such insured or partner.
    """
    if owner.partner_id is not None:
        return partner_of(session, owner.partner_id).name
    insured = session.get(Insured, owner.insured_id)
    if insured is None:
        raise NotFound
    return insured.name


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


SEEN_CREDIT = select(cast(func.coalesce(func.sum(CreditEntry.cents), 0), BigInt)).where(
    CreditEntry.insured_id.in_(select(InsuredEmail.insured_id).where(InsuredEmail.email == bindparam("email")))
)
"""The cents that the insureds of an address have to their credit; less than 0 is shown as 0."""


def seen_credit(session: Scoped, email: str) -> int:
    """What the insureds of this address have to their credit, in cents."""
    return max(0, session.rows(SEEN_CREDIT, {"email": email}).scalar_one())


def _open_invoices(session: Scoped, owner: CreditOwner) -> tuple[OpenInvoice, ...]:
    """Those due first; one more than is shown where there are others."""
    held = select(Claim.invoice_id).where(Claim.state == "live")
    query = (
        select(Invoice, Insured.name)
        .join(Insured, Insured.id == Invoice.insured_id)
        .where(owner.invoices, Invoice.state == "open", Invoice.id.not_in(held))
        .order_by(Invoice.due_date, Invoice.id)
        .limit(MOST_INVOICES + 1)
    )
    return tuple(
        OpenInvoice(row.id, row.number, name, row.due_date, row.description or kind_name(row.kind), row.open_cents)
        for row, name in session.execute(query)
    )


def _payments(session: Scoped, owner: CreditOwner) -> tuple[tuple[int, str], ...]:
    """The newest payments of theirs of which not all has gone back yet: those that brought credit, and those whose
    invoices have been lowered since."""
    refunded = (
        select(func.coalesce(func.sum(Refund.total_cents), 0))
        .where(Refund.payment_id == Payment.id, Refund.state.in_(UNFAILED))
        .scalar_subquery()
    )
    brought = select(CreditEntry.payment_id).where(owner.entries, CreditEntry.payment_id.is_not(None))
    paid = select(Claim.payment_id).join(Invoice, Invoice.id == Claim.invoice_id).where(owner.invoices)
    query = select(Payment.id, Payment.reference).where(
        Payment.id.in_(union(brought, paid)), Payment.state == "succeeded", Payment.charged_cents > refunded
    )
    rows = session.execute(query.order_by(Payment.id.desc()).limit(2 * MOST_PAYMENTS)).all()
    own = [row for row in rows if owner_of(session, row.id) == owner]
    return tuple(own[:MOST_PAYMENTS])
