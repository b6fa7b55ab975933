"""Whether someone has just paid the same: a reason to ask before paying again."""

from datetime import datetime

from sqlalchemy import select

from portal.core.tenancy import Scoped
from portal.payments.models import Payment


def paid_the_same(session: Scoped, payer_email: str, amount_cents: int, since: datetime) -> Payment | None:
    """The latest payment of this payer with this amount that succeeded or is under way."""
    query = (
        select(Payment)
        .where(
            Payment.payer_email == payer_email,
            Payment.created_at >= since,
            Payment.amount_cents == amount_cents,
            Payment.state.not_in(["failed", "canceled"]),
        )
        .order_by(Payment.created_at.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()
