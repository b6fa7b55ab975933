"""Payments that this browser has begun: the way back to one that waits, for whoever has left its page."""

from collections.abc import Iterable

from flask import session
from sqlalchemy import select

from portal.core.tenancy import Scoped
from portal.payments.models import Claim, Payment
from portal.payments.transitions import CLOSED

BEGUN = "begun"
MOST = 3


def remember(payment: Payment) -> None:
    """Note a payment in the browser's cookie; the newest few are kept."""
    session[BEGUN] = [*session.get(BEGUN, []), payment.token][-MOST:]


def unfinished(unit: Scoped, invoice_ids: Iterable[int]) -> str | None:
    """The public name of the newest payment begun here that still holds one of these invoices."""
    return unit.scalar(
        select(Payment.token)
        .join(Claim, Claim.payment_id == Payment.id)
        .where(
            Payment.token.in_(session.get(BEGUN, [])),
            Payment.state.not_in(CLOSED),
            Claim.invoice_id.in_(list(invoice_ids)),
        )
        .order_by(Payment.id.desc())
        .limit(1)
    )
