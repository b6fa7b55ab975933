"""Autopay that was asked for with a payment begins: the payment has succeeded, and its method is kept."""

from functools import partial

from sqlalchemy import select

from portal.core.audit import Actor
from portal.core.clock import local_date
from portal.core.db import run_unit
from portal.core.errors import PortalError
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.payments.autopay.enrolling import Owner, start
from portal.payments.autopay.models import AutopayConsent, AutopayRequest
from portal.payments.methods.models import MethodUse, PaymentMethod
from portal.payments.methods.paying import keep_paid_with
from portal.payments.models import Mandate, Payment
from portal.payments.till import Till


def begin_asked(till: Till, payment_id: int) -> bool:
    """Turn on what was asked for with a payment. Done twice, it changes nothing.

    Args:
        till: no unit may be open.

    Returns:
        False while the payment has not succeeded, or its method is not kept yet: ask again later.

    Raises:
        GatewayError: the processor could not be asked; try again later.
    """
    with till.reading() as session:
        payment = session.get_one(Payment, payment_id)
    if payment.state in {"failed", "canceled"}:
        return True
    if payment.state != "succeeded" or not keep_paid_with(till, payment_id):
        return False
    try:
        run_unit(partial(_begin, till, payment_id))
    except PortalError as error:
        run_unit(partial(_leave_to_staff, till, payment, str(error.message)))
    return True


def _begin(till: Till, payment_id: int) -> None:
    with till.writing() as session:
        payment = session.get_one(Payment, payment_id)
        request = session.scalars(select(AutopayRequest).where(AutopayRequest.payment_id == payment_id)).one_or_none()
        if request is None:
            return
        known = select(AutopayConsent.id).where(AutopayConsent.mandate_id == request.mandate_id)
        if session.scalar(known) is not None:
            return
        mandate = session.get_one(Mandate, request.mandate_id)
        method = _method(session, payment)
        if method is None:
            _task(session, till, payment, "the method could not be kept")
            return
        owner = Owner(method.owner_email, Actor("insured", method.owner_email, mandate.ip_address))
        is_same_day = local_date(mandate.agreed_at, till.zone) == till.today()
        start(session, request.program_id, method.id, owner, mandate, till.now(), announces=is_same_day)


def _method(session: Scoped, payment: Payment) -> PaymentMethod | None:
    """What the payment was made with, as it is kept."""
    saved = select(MethodUse.payment_method_id).where(
        MethodUse.payment_id == payment.id, MethodUse.payment_method_id.is_not(None)
    )
    kept = PaymentMethod.method_id == (payment.method_ref or "")
    query = select(PaymentMethod).where(PaymentMethod.id.in_(saved) | kept, PaymentMethod.state == "active")
    return session.scalars(query.limit(1)).one_or_none()


def _leave_to_staff(till: Till, payment: Payment, why: str) -> None:
    with till.writing() as session:
        _task(session, till, payment, why)


def _task(session: Scoped, till: Till, payment: Payment, why: str) -> None:
    open_task(session, "autopay.not_begun", str(payment.id), till.now(), payment=payment.reference, why=why)
