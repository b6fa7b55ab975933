"""Saved payment methods to start a test from; the processor knows nothing of them."""

from itertools import count
from typing import Any

from portal.core.tenancy import Scoped
from portal.payments.methods.models import MethodSetup, PaymentMethod, ProcessorCustomer
from tests.factories.people import BEGINNING

_numbers = count(1)


def make_method(session: Scoped, owner_email: str, **more: Any) -> PaymentMethod:
    """A Visa that can be used."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "account": "acct_1",
        "owner_email": owner_email,
        "customer_id": f"cus_{number}",
        "method_id": f"pm_{number}",
        "kind": "card",
        "brand": "visa",
        "last4": "4242",
        "funding": "credit",
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": f"fingerprint{number}",
        "state": "active",
        "disabled_for": None,
        "created_at": BEGINNING,
        "changed_at": BEGINNING,
    }
    method = PaymentMethod(**(values | more))
    session.add(method)
    session.flush()
    return method


def make_setup(session: Scoped, method: PaymentMethod, **more: Any) -> MethodSetup:
    """The attempt by which a method came in."""
    values: dict[str, Any] = {
        "token": f"setup-token-{method.id}-{method.agency_id}",
        "account": method.account,
        "owner_email": method.owner_email,
        "customer_id": method.customer_id,
        "request_key": f"setup-{method.id}",
        "confirmation_token": "ctoken_1",
        "return_url": "https://portal.example/back",
        "locale": "en_US",
        "state": "succeeded",
        "intent_id": f"seti_{method.method_id}",
        "payment_method_id": method.id,
        "error_code": None,
        "deposit_type": None,
        "deposits_on": None,
        "created_at": BEGINNING,
        "changed_at": BEGINNING,
        "checked_at": None,
    }
    setup = MethodSetup(**(values | more))
    session.add(setup)
    session.flush()
    return setup


def make_customer(session: Scoped, method: PaymentMethod) -> ProcessorCustomer:
    """The processor's customer that holds a method."""
    customer = ProcessorCustomer(
        account=method.account,
        owner_email=method.owner_email,
        reference=f"reference of {method.customer_id}",
        customer_id=method.customer_id,
        created_at=BEGINNING,
    )
    session.add(customer)
    session.flush()
    return customer
