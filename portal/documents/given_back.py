"""The refunds of a payment or of an invoice, as its paper lists them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, bindparam, select

from portal.core.clock import local_date
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.payments.method_name import method_name
from portal.payments.models import Payment
from portal.payments.money_back.models import Refund, RefundPart
from portal.payments.money_back.rules import UNFAILED

STATES: dict[str, Text] = {
    "pending": text("On its way"),
    "requires_action": text("On its way"),
    "succeeded": text("Refunded"),
    "failed": text("Not delivered, kept as credit"),
}
"""Of refunds for which money has left; the others are on no paper."""


@dataclass(frozen=True, slots=True)
class RefundLine:
    """A refund; of an invoice, its part of it."""

    refunded_on: date
    to: Text | str
    reference: str
    amount_cents: int
    state: Text


def refunded_to(refund: Refund, brand: str, last4: str) -> Text | str:
    """Where it goes: back to what paid, or out by the agency's own hand."""
    return _to(refund.way, refund.hand_reference, brand, last4)


def _to(way: str, hand_reference: str, brand: str, last4: str) -> Text | str:
    if way == "by_hand":
        return text("Paid out by us, reference %(reference)s", reference=hand_reference)
    return method_name(brand, last4)


def refunds_of_payment(session: Scoped, payment_id: int, zone: str) -> tuple[tuple[RefundLine, ...], int]:
    """All that went back of a payment, or is on its way, the oldest first; and the sum as `refunded_of` counts it.

    Args:
        zone: the agency's time zone.
    """
    refunds = session.rows(_OF_PAYMENT, {"payment_id": payment_id}).all()
    lines = _lines([row for row in refunds if row.state in STATES], zone)
    return lines, sum(row.cents for row in refunds if row.state in UNFAILED)


def refunds_of_invoice(session: Scoped, invoice_id: int, zone: str) -> tuple[RefundLine, ...]:
    """What went back of the payments on an invoice, its own part of each, the oldest first."""
    return _lines(session.rows(_OF_INVOICE, {"invoice_id": invoice_id}).all(), zone)


_REFUNDS = (
    select(
        Refund.created_at,
        Refund.way,
        Refund.hand_reference,
        Refund.reference,
        Refund.state,
        Payment.method_brand,
        Payment.method_last4,
    )
    .join(Payment, Payment.id == Refund.payment_id)
    .order_by(Refund.id)
)
_OF_PAYMENT = _REFUNDS.add_columns(Refund.total_cents.label("cents")).where(
    Refund.payment_id == bindparam("payment_id")
)
_OF_INVOICE = (
    _REFUNDS.add_columns(RefundPart.amount_cents.label("cents"))
    .join(RefundPart, RefundPart.refund_id == Refund.id)
    .where(RefundPart.invoice_id == bindparam("invoice_id"), Refund.state.in_(STATES))
)


def _lines(rows: Sequence[Row[*tuple[object, ...]]], zone: str) -> tuple[RefundLine, ...]:
    return tuple(
        RefundLine(
            refunded_on=local_date(row.created_at, zone),
            to=_to(row.way, row.hand_reference, row.method_brand, row.method_last4),
            reference=row.reference,
            amount_cents=row.cents,
            state=STATES[row.state],
        )
        for row in rows
    )
