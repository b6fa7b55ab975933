"""Programs on autopay to start a test from."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.agencies.models import ProcessorAccount
from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice
from portal.payments.autopay.models import (
    AutopayAnnouncement,
    AutopayConsent,
    AutopayEnrollment,
    AutopayRequest,
    AutopayTry,
)
from portal.payments.methods.models import PaymentMethod
from portal.payments.models import Mandate, Payment
from tests.factories.people import BEGINNING


def make_autopay_mandate(session: Scoped, method: PaymentMethod, at: datetime = BEGINNING) -> Mandate:
    """What somebody has agreed to."""
    mandate = Mandate(
        payment_id=None,
        text="You authorize us.",
        version="1",
        locale="en_US",
        agreed_at=at,
        ip_address="203.0.113.7",
        browser="Firefox",
        method_kind=method.kind,
        method_brand=method.brand,
        method_last4=method.last4,
        method_fingerprint=method.fingerprint,
    )
    session.add(mandate)
    session.flush()
    return mandate


def make_enrollment(
    session: Scoped, program_id: int, method: PaymentMethod, at: datetime = BEGINNING, **more: Any
) -> AutopayEnrollment:
    """A program on autopay, with its consent; the agency's account is the method's, unless it has one."""
    if session.scalars(select(ProcessorAccount.id)).first() is None:
        keys = {"publishable_key": "pk_test", "secret_key": "", "webhook_secrets": ""}
        session.add(ProcessorAccount(account=method.account, **keys))
    mandate = make_autopay_mandate(session, method, at)
    values: dict[str, Any] = {
        "program_id": program_id,
        "payment_method_id": method.id,
        "mandate_id": mandate.id,
        "started_at": at,
        "asks_since": None,
        "ended_at": None,
        "ended_for": None,
    }
    enrollment = AutopayEnrollment(**(values | more))
    session.add(enrollment)
    session.flush()
    session.add(
        AutopayConsent(
            enrollment_id=enrollment.id,
            mandate_id=mandate.id,
            payment_method_id=method.id,
            email=method.owner_email,
        )
    )
    session.flush()
    return enrollment


def make_announcement(
    session: Scoped, enrollment: AutopayEnrollment, invoice: Invoice, **more: Any
) -> AutopayAnnouncement:
    """That all of an invoice will be charged on its due date, told when autopay was turned on."""
    values: dict[str, Any] = {
        "enrollment_id": enrollment.id,
        "invoice_id": invoice.id,
        "number": 1,
        "how": "consent",
        "payment_method_id": enrollment.payment_method_id,
        "due_date": invoice.due_date,
        "charge_on": invoice.due_date,
        "amount_cents": invoice.total_cents,
        "fee_cents": 0,
        "announced_at": BEGINNING,
    }
    told = AutopayAnnouncement(**(values | more))
    session.add(told)
    session.flush()
    return told


def make_try(session: Scoped, enrollment: AutopayEnrollment, invoice: Invoice, payment: Payment) -> AutopayTry:
    """That a payment was begun by autopay."""
    begun = AutopayTry(
        enrollment_id=enrollment.id,
        mandate_id=enrollment.mandate_id,
        invoice_id=invoice.id,
        payment_id=payment.id,
        number=1,
    )
    session.add(begun)
    session.flush()
    return begun


def make_request(session: Scoped, enrollment: AutopayEnrollment, payment: Payment) -> AutopayRequest:
    """That autopay was asked for together with a payment."""
    asked = AutopayRequest(payment_id=payment.id, program_id=enrollment.program_id, mandate_id=enrollment.mandate_id)
    session.add(asked)
    session.flush()
    return asked
