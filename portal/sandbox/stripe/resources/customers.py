"""Customers: created, changed, read, listed."""

from stripe.params import CustomerCreateParams, CustomerListParams, CustomerRetrieveParams, CustomerUpdateParams

from portal.sandbox.stripe.resources import events, payment_methods
from portal.sandbox.stripe.state.objects import Json, Stored, new_id
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.listing import page
from portal.sandbox.stripe.wire.refusals import Refusal, no_such

CHANGEABLE = ("address", "description", "email", "name", "phone", "preferred_locales", "shipping", "tax_exempt")


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


def update(call: Call) -> Json:
    """Change a customer; `invoice_settings[default_payment_method]` must be one of theirs."""
    customer = load(call, call.path["id"], "id", 404)
    given = call.params
    for name in CHANGEABLE:
        if name in given:
            customer.body[name] = given[name] or None
    if "metadata" in given:
        customer.body["metadata"] = merged_metadata(customer.body["metadata"], given["metadata"])
    wanted = (given.get("invoice_settings") or {}).get("default_payment_method")
    if wanted is not None:
        customer.body["invoice_settings"]["default_payment_method"] = default_of(call, customer, wanted)
    call.objects.save(customer)
    events.emit(call, "customer.updated", customer.body)
    return customer.body


def default_of(call: Call, customer: Stored, method_id: str) -> str | None:
    """The id to keep as default; '' unsets it. Raises Refusal 400 for somebody else's method."""
    param = "invoice_settings[default_payment_method]"
    if method_id and payment_methods.load(call, method_id, param).body["customer"] != customer.id:
        raise Refusal(
            400,
            f"The customer does not have a payment method with the ID {method_id}. The payment method must be attached "
            "to the customer.",
            "resource_missing",
            param,
        )
    return method_id or None


def merged_metadata(kept: Json, given: Json | str) -> Json:
    """Metadata after an update: an empty value removes its key, an empty string all of them."""
    if not isinstance(given, dict):
        return {}
    return {name: value for name, value in {**kept, **given}.items() if value != ""}


def list_customers(call: Call) -> Json:
    """Customers, newest first, by e-mail."""
    where, arguments = [], []
    if "email" in call.params:
        where.append("json_extract(body, '$.email') = ?")
        arguments.append(call.params["email"])
    return page(call, "customer", "/v1/customers", where, arguments)


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
    Endpoint("customers.list", "GET", "/v1/customers", CustomerListParams, list_customers),
    Endpoint("customers.update", "POST", "/v1/customers/<id>", CustomerUpdateParams, update),
    Endpoint("customers.create", "POST", "/v1/customers", CustomerCreateParams, create),
    Endpoint("customers.retrieve", "GET", "/v1/customers/<id>", CustomerRetrieveParams, retrieve),
)
