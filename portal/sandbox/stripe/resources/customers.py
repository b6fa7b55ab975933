"""Customers: created and read."""

from stripe.params import CustomerCreateParams, CustomerRetrieveParams

from portal.sandbox.stripe.resources import events
from portal.sandbox.stripe.state.objects import Json, Stored, new_id
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.refusals import Refusal, no_such


def create(call: Call) -> Json:
    """A new customer."""
    given = call.params
    if given.get("payment_method") or given.get("source"):
        raise Refusal(400, "The stand-in attaches payment methods by setup_future_usage only.", param="payment_method")
    customer_id = new_id("cus")
    body: Json = {
        "id": customer_id,
        "object": "customer",
        "address": given.get("address"),
        "balance": 0,
        "created": call.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": given.get("description"),
        "discount": None,
        "email": given.get("email"),
        "invoice_prefix": customer_id[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": given.get("metadata") or {},
        "name": given.get("name"),
        "next_invoice_sequence": 1,
        "phone": given.get("phone"),
        "preferred_locales": given.get("preferred_locales") or [],
        "shipping": given.get("shipping"),
        "tax_exempt": given.get("tax_exempt") or "none",
        "test_clock": None,
    }
    call.objects.add("customer", body)
    events.emit(call, "customer.created", body)
    return body


def retrieve(call: Call) -> Json:
    """One customer; 404 when this account has none by that id."""
    return load(call, call.path["id"], "id", 404).body


def load(call: Call, customer_id: str, param: str, status: int = 400) -> Stored:
    """The customer, or Refusal resource_missing naming `param`."""
    found = call.objects.find("customer", customer_id)
    if found is None:
        raise no_such("customer", customer_id, param, status)
    return found


ENDPOINTS = (
    Endpoint("customers.create", "POST", "/v1/customers", CustomerCreateParams, create),
    Endpoint("customers.retrieve", "GET", "/v1/customers/<id>", CustomerRetrieveParams, retrieve),
)
