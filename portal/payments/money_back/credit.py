"""A credit of an insured or a partner: whose it is, how much, what it is used for.

The books hold it as customer_credit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select

from portal.core.audit import Actor, record
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.loans import after_payment
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.invoices.settle import settle
from portal.ledger.journal import post
from portal.ledger.money_back_postings import credit_applied, credit_paid_out
from portal.partners.models import Partner
from portal.payments.claims import AlreadyUnderWay, ReviewChanged, held_invoices, still
from portal.payments.models import Claim
from portal.payments.money_back.models import CreditEntry

HELD = text("A payment for this invoice is under way. Wait for its end; nothing was changed.")
CHANGED = text("The credit or the invoice has changed since you looked. Nothing was changed. Look again.")


@dataclass(frozen=True, slots=True)
class CreditOwner:
    """Whose a credit is: an insured's or a partner's, and only one of both is given."""

    insured_id: int | None = None
    partner_id: int | None = None

    def __post_init__(self) -> None:
        if (self.insured_id is None) == (self.partner_id is None):
            raise ValueError("a credit is an insured's or a partner's")

    @property
    def kind(self) -> str:
        """What the audit trail calls it."""
        return "insured" if self.partner_id is None else "partner"

    @property
    def id(self) -> int:
        """The insured's or the partner's."""
        found = self.insured_id if self.partner_id is None else self.partner_id
        assert found is not None
        return found

    @property
    def entries(self) -> ColumnElement[bool]:
        """A condition on `CreditEntry`: theirs."""
        if self.partner_id is None:
            return CreditEntry.insured_id == self.insured_id
        return CreditEntry.partner_id == self.partner_id

    @property
    def invoices(self) -> ColumnElement[bool]:
        """A condition on `Invoice`: those that the credit may pay. What a partner pays, its insured does not.

        Nor what a loan will pay: it lends all of it, whatever has come before.
        """
        theirs: ColumnElement[bool] = Invoice.partner_id == self.partner_id
        if self.partner_id is None:
            theirs = (Invoice.insured_id == self.insured_id) & Invoice.partner_id.is_(None)
        return theirs & (Invoice.kind != "financed")


def credit_balance(session: Scoped, owner: CreditOwner) -> int:
    """What somebody has to their credit, in cents."""
    query = select(func.coalesce(func.sum(CreditEntry.cents), 0)).where(owner.entries)
    return int(session.scalar(query) or 0)


def credit_of_payment(session: Scoped, payment_id: int) -> int:
    """What a payment brought as credit, less what went back of it."""
    query = select(func.coalesce(func.sum(CreditEntry.cents), 0)).where(CreditEntry.payment_id == payment_id)
    return int(session.scalar(query) or 0)


def owner_of(session: Scoped, payment_id: int) -> CreditOwner | None:
    """Whose credit a payment makes: of its first invoice the partner's who pays it, else the insured's.

    None if it never had one.
    """
    query = (
        select(Invoice.insured_id, Invoice.partner_id)
        .join(Claim, Claim.invoice_id == Invoice.id)
        .where(Claim.payment_id == payment_id)
        .order_by(Invoice.id)
        .limit(1)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    return CreditOwner(partner_id=found.partner_id) if found.partner_id else CreditOwner(insured_id=found.insured_id)


def enter_credit(
    session: Scoped,
    kind: str,
    ref: str,
    cents: int,
    booked_on: date,
    at: datetime,
    *,
    owner: CreditOwner | None,
    payment_id: int | None = None,
    invoice_id: int | None = None,
    refund_id: int | None = None,
    note: str = "",
    by: str = "",
) -> None:
    """Note what an entry of the books did to a credit, in the unit that posts it; nothing for nothing.

    Args:
        kind, ref: the entry's.
        cents: positive for more credit.
        owner: None while nobody knows whose it is.
    """
    if not cents:
        return
    session.add(
        CreditEntry(
            insured_id=owner.insured_id if owner else None,
            partner_id=owner.partner_id if owner else None,
            kind=kind,
            ref=ref,
            cents=cents,
            payment_id=payment_id,
            invoice_id=invoice_id,
            refund_id=refund_id,
            note=note,
            by=by,
            booked_on=booked_on,
            at=at,
        )
    )
    session.flush()


def apply_credit(
    session: Scoped,
    owner: CreditOwner,
    request_key: str,
    seen: Mapping[int, int],
    cents: int,
    booked_on: date,
    actor: Actor,
    at: datetime,
) -> None:
    """Pay an invoice with the credit of who owes it, in the caller's unit; the same request changes nothing again.

    Args:
        request_key: one per rendered form.
        seen: the invoice's id -> its open cents as shown.
        cents: how much of the credit it takes.

    Raises:
        BadInput: no amount.
        AlreadyUnderWay: a payment holds the invoice.
        ReviewChanged: credit or invoice is not what was shown.
    """
    _hold(session, owner)
    if _is_done(session, "credit_applied", request_key):
        return
    ((invoice_id, seen_cents),) = seen.items()
    _check_amount(cents)
    query = select(Invoice).where(Invoice.id == invoice_id, owner.invoices).with_for_update()
    invoice = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if invoice is None:
        raise NotFound
    if held_invoices(session, [invoice_id]):  # asked once the invoice is ours: no payment begins from here on
        raise AlreadyUnderWay(HELD)
    is_as_seen = still(session, invoice_id, seen_cents, at)
    if not is_as_seen or cents > min(invoice.open_cents, credit_balance(session, owner)):
        raise ReviewChanged(CHANGED)
    (part,) = settle(session, [(invoice, cents)], at)
    post(session, [credit_applied(request_key, part, booked_on)], at)
    after_payment(session, [invoice], booked_on, at)
    enter_credit(
        session,
        "credit_applied",
        request_key,
        -cents,
        booked_on,
        at,
        owner=owner,
        invoice_id=invoice_id,
        by=actor.name,
    )
    record(session, actor, "credit.applied", owner.kind, owner.id, at, invoice=invoice.number, amount_cents=cents)


def pay_out_credit(
    session: Scoped,
    owner: CreditOwner,
    request_key: str,
    cents: int,
    reference: str,
    booked_on: date,
    actor: Actor,
    at: datetime,
) -> None:
    """Note that the agency has paid credit out itself, in the caller's unit; the same request changes nothing again.

    Args:
        reference: of its check or transfer.

    Raises:
        BadInput: no amount.
        Conflict: the credit is smaller.
    """
    _hold(session, owner)
    if _is_done(session, "credit_paid_out", request_key):
        return
    _check_amount(cents)
    if cents > credit_balance(session, owner):
        raise Conflict(CHANGED)
    post(session, [credit_paid_out(request_key, cents, booked_on)], at)
    enter_credit(
        session,
        "credit_paid_out",
        request_key,
        -cents,
        booked_on,
        at,
        owner=owner,
        note=reference,
        by=actor.name,
    )
    record(session, actor, "credit.paid_out", owner.kind, owner.id, at, amount_cents=cents, reference=reference)


def hold_credit(session: Scoped, owner: CreditOwner | None) -> None:
    """Whoever uses a credit holds its owner's row, so that it is not used twice."""
    if owner is not None:
        _hold(session, owner)


def _hold(session: Scoped, owner: CreditOwner) -> None:
    model = Insured if owner.partner_id is None else Partner
    if session.scalar(select(model.id).where(model.id == owner.id).with_for_update()) is None:
        raise NotFound


def _is_done(session: Scoped, kind: str, request_key: str) -> bool:
    query = select(CreditEntry.id).where(CreditEntry.kind == kind, CreditEntry.ref == request_key)
    return session.scalar(query) is not None


def _check_amount(cents: int) -> None:
    if cents <= 0:
        raise BadInput(text("Enter an amount of more than nothing."))
