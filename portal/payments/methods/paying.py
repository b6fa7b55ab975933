"""Payments and saved methods: paying with one, and saving what a payment pays with."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.core.db import run_unit
from portal.core.errors import Conflict
from portal.core.outbox import enqueue
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.payments.methods.models import MethodUse, PaymentMethod
from portal.payments.methods.saved import Owner, keep, lock_owner
from portal.payments.models import Payment
from portal.payments.till import Till

KEEP = "method.keep"
MAY_SAVE = frozenset({"insured", "partner"})
"""Kinds of payers who have signed in: what they save is theirs alone, by their own address."""


class MethodGone(Conflict):
    """The saved method cannot be used any more; nothing was charged."""

    default = text("This payment method cannot be used any more. You have not been charged. Please choose another one.")


@dataclass(frozen=True, slots=True)
class Use:
    """What a payment has to do with saved methods.

    Args:
        customer_id: the processor's, of the payer.
        method_id: the saved method that pays; None to save the one that the payer has entered.
    """

    customer_id: str
    method_id: int | None = None


def enter_use(session: Scoped, payment: Payment, use: Use, at: datetime) -> None:
    """Note it with the payment, in the unit that makes it.

    Raises:
        MethodGone: the method is not the payer's, or cannot be used now.
    """
    saves = use.method_id is None
    if not saves:
        lock_owner(session, payment.account, payment.payer_email)
        query = select(PaymentMethod.id).where(
            PaymentMethod.id == use.method_id,
            PaymentMethod.account == payment.account,
            PaymentMethod.owner_email == payment.payer_email,
            PaymentMethod.customer_id == use.customer_id,
            PaymentMethod.state == "active",
        )
        if payment.payer_kind not in MAY_SAVE or session.scalar(query) is None:
            raise MethodGone
    session.add(
        MethodUse(payment_id=payment.id, payment_method_id=use.method_id, customer_id=use.customer_id, saves=saves)
    )
    session.flush()
    if saves:
        enqueue(session, KEEP, str(payment.id), {"payment_id": payment.id}, at)


def use_of(session: Scoped, payment_id: int) -> tuple[MethodUse, str | None] | None:
    """A payment's use and the processor's id of the saved method that pays; None when it has to do with none."""
    query = (
        select(MethodUse, PaymentMethod.method_id)
        .outerjoin(PaymentMethod, PaymentMethod.id == MethodUse.payment_method_id)
        .where(MethodUse.payment_id == payment_id)
    )
    return session.execute(query).one_or_none()


def keep_paid_with(till: Till, payment_id: int) -> bool:
    """Keep for its payer what a payment was made with. Done twice, it changes nothing.

    Args:
        till: no unit may be open.

    Returns:
        False while the payment has no outcome yet: ask again later.

    Raises:
        GatewayError: the processor could not be asked; try again later.
    """
    with till.reading() as session:
        payment = session.scalars(select(Payment).where(Payment.id == payment_id)).one()
        found = use_of(session, payment_id)
    if found is None or not found[0].saves or payment.state in {"failed", "canceled"}:
        return True
    if payment.state not in {"processing", "succeeded"} or payment.method_ref is None:
        return False
    seen = till.gateway.retrieve_method(payment.method_ref)
    if seen.customer_id != found[0].customer_id:
        return payment.state == "succeeded"  # the processor kept nothing: a wallet, or it was let go meanwhile
    owner = Owner(payment.account, payment.payer_email, found[0].customer_id, payment.payer_locale)

    def unit() -> None:
        with till.writing() as session:
            keep(session, owner, seen, "active", till.now())

    run_unit(unit)
    return True
