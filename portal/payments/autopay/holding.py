"""The last look before the call that moves money: does what a charge of autopay rests on still hold?"""

from collections.abc import Sequence

from sqlalchemy import and_, or_, select

from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice
from portal.payments.autopay.models import AutopayEnrollment, AutopayTry
from portal.payments.methods.models import PaymentMethod
from portal.payments.models import Claim, Payment

KIND = "autopay"
"""What payments call themselves that autopay has begun."""


def no_longer_agreed(session: Scoped, payment_ids: Sequence[int]) -> set[int]:
    """Those of these payments that must not be charged any more: enrollment, mandate, method or amount has changed.

    Args:
        session: the write unit that decides to confirm them. Whoever changes an enrollment waits for its end.
    """
    if not payment_ids:
        return set()
    enrollments = select(AutopayTry.enrollment_id).where(AutopayTry.payment_id.in_(payment_ids))
    session.scalars(
        select(AutopayEnrollment.id).where(AutopayEnrollment.id.in_(enrollments)).with_for_update(read=True)
    ).all()
    changed = or_(
        AutopayEnrollment.ended_at.is_not(None),
        AutopayEnrollment.asks_since.is_not(None),
        AutopayEnrollment.mandate_id != AutopayTry.mandate_id,
        PaymentMethod.state != "active",
        PaymentMethod.method_id != Payment.method_ref,
        Invoice.state != "open",
        Invoice.open_cents != Claim.amount_cents,
    )
    query = (
        select(Payment.id)
        .join(AutopayTry, AutopayTry.payment_id == Payment.id)
        .join(AutopayEnrollment, AutopayEnrollment.id == AutopayTry.enrollment_id)
        .join(PaymentMethod, PaymentMethod.id == AutopayEnrollment.payment_method_id)
        .join(Claim, and_(Claim.payment_id == Payment.id, Claim.state == "live"))
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .where(Payment.id.in_(payment_ids), changed)
    )
    return set(session.scalars(query))
