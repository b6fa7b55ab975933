"""Autopay that an insured asks for while they pay: agreed to on the review, begun once the payment has succeeded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.core.outbox import enqueue_all
from portal.core.tenancy import Scoped
from portal.payments.autopay.models import AutopayRequest
from portal.payments.mandates import Agreement
from portal.payments.models import Mandate, Payment

BEGIN = "autopay.begin"


@dataclass(frozen=True, slots=True)
class Wish:
    """That a program is to be on autopay with the method that pays now, and what its payer has agreed to for that."""

    program_id: int
    agreement: Agreement


def enter_wish(session: Scoped, payment: Payment, wish: Wish, at: datetime) -> None:
    """Note it with the payment, in the unit that makes it: what was agreed to is kept whatever comes of the payment."""
    mandate = Mandate(
        payment_id=None,
        text=wish.agreement.text,
        version=wish.agreement.version,
        locale=wish.agreement.locale,
        agreed_at=at,
        ip_address=wish.agreement.ip_address,
        browser=wish.agreement.browser,
        method_kind=payment.method_kind,
        method_brand=payment.method_brand,
        method_last4=payment.method_last4,
        method_fingerprint=payment.method_fingerprint,
    )
    session.add(mandate)
    session.flush()
    session.add(AutopayRequest(payment_id=payment.id, program_id=wish.program_id, mandate_id=mandate.id))
    session.flush()


def begin_later(session: Scoped, payment_ids: Sequence[int], at: datetime) -> None:
    """These payments have succeeded: what was asked for with them begins as soon as their methods are kept."""
    query = select(AutopayRequest.payment_id).where(AutopayRequest.payment_id.in_(payment_ids))
    wanted = [(BEGIN, str(each), {"payment_id": each}) for each in session.scalars(query)]
    if wanted:
        enqueue_all(session, wanted, at)
