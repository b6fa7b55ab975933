"""When an owner's e-mail address changes, or is erased: what becomes of the methods that hang on it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update

from portal.core.tenancy import Scoped
from portal.payments.autopay.models import AutopayConsent
from portal.payments.methods.models import MethodSetup, PaymentMethod, ProcessorCustomer
from portal.payments.methods.saved import SHOWN, end_method


def move_owner(session: Scoped, old_email: str, new_email: str) -> None:
    """Both mailboxes have confirmed that they are one person's: what was saved goes along.

    Not when staff change an address: a bank account must not go to whom they believe to be its owner. Each method
    keeps the processor's customer that it has.
    """
    defaults = select(PaymentMethod.account).where(PaymentMethod.owner_email == new_email, PaymentMethod.is_default)
    both = PaymentMethod.account.in_(session.scalars(defaults).all())
    customers = select(ProcessorCustomer.account).where(ProcessorCustomer.owner_email == new_email)
    known = ProcessorCustomer.account.in_(session.scalars(customers).all())
    for change in (
        update(PaymentMethod).where(PaymentMethod.owner_email == old_email, both).values(is_default=False),
        update(PaymentMethod).where(PaymentMethod.owner_email == old_email).values(owner_email=new_email),
        update(MethodSetup).where(MethodSetup.owner_email == old_email).values(owner_email=new_email),
        update(ProcessorCustomer)
        .where(ProcessorCustomer.owner_email == old_email, ~known)
        .values(owner_email=new_email),
    ):
        session.execute(change.execution_options(synchronize_session=False))


def forget_owners(session: Scoped, emails: Collection[str], at: datetime) -> None:
    """Remove what these addresses have saved, and the addresses with it. The processor lets go by the outbox."""
    for method in session.scalars(select(PaymentMethod).where(PaymentMethod.owner_email.in_(emails))):
        if method.state in SHOWN:
            end_method(session, method, "removed", at)
        method.owner_email, method.last4, method.bank_name, method.fingerprint = "", "", "", ""
    for setup in session.scalars(select(MethodSetup).where(MethodSetup.owner_email.in_(emails))):
        setup.owner_email = ""
    for consent in session.scalars(select(AutopayConsent).where(AutopayConsent.email.in_(emails))):
        consent.email = ""
    for customer in session.scalars(select(ProcessorCustomer).where(ProcessorCustomer.owner_email.in_(emails))):
        customer.owner_email = f"erased-{customer.id}"
    session.flush()
