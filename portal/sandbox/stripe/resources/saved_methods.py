"""Saved PaymentMethods: kept with a customer, listed, changed, let go. (What they are is in payment_methods.)"""

from stripe.params import (
    CustomerListPaymentMethodsParams,
    PaymentMethodAttachParams,
    PaymentMethodCreateParams,
    PaymentMethodDetachParams,
    PaymentMethodListParams,
    PaymentMethodUpdateParams,
)

from portal.sandbox.stripe.resources import customers, events, payment_methods
from portal.sandbox.stripe.state.objects import Json
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.listing import page
from portal.sandbox.stripe.wire.refusals import Refusal

CHANGEABLE_OF_CARDS = ("exp_month", "exp_year")
CHANGEABLE_OF_BANKS = ("account_holder_type", "account_type")


def create(call: Call) -> Json:
    """A bank account by its numbers. Card numbers are typed into the Payment Element only."""
    given = call.params
    if given.get("type") != "us_bank_account" or "us_bank_account" not in given:
        raise Refusal(400, "The stand-in makes PaymentMethods of type us_bank_account only.", param="type")
    numbers = {"routing_number": "", "account_number": "", **given["us_bank_account"]}
    account = payment_methods.check_account(numbers, given.get("billing_details"))
    shown = payment_methods.bank_preview(account, numbers, given.get("billing_details"))
    method = payment_methods.create_from(call, account.number, shown)
    method.body["metadata"] = given.get("metadata") or {}
    call.objects.save(method)
    return method.body


def attach(call: Call) -> Json:
    """Give a method to a customer; a card whose bank says no stays outside."""
    wanted = call.params.get("customer")
    if wanted is None:
        raise Refusal(400, "Missing required param: customer.", "parameter_missing", "customer")
    customer = customers.load(call, wanted, "customer")
    method = payment_methods.for_payment(call, call.path["id"], customer.id, 404)
    if method.body["type"] == "us_bank_account" and not method.private["verified"]:
        raise Refusal(
            400,
            "This bank account must be verified with a SetupIntent or a PaymentIntent before it can be attached.",
            param="payment_method",
        )
    decline = payment_methods.setup_decline_of(method) if method.body["type"] == "card" else None
    if decline:
        extras = {"decline_code": decline.decline_code}
        raise Refusal(402, decline.message, decline.code, decline.param, kind="card_error", extras=extras)
    if method.body["customer"] is None:
        method.body["customer"] = customer.id
        call.objects.save(method)
        events.emit(call, "payment_method.attached", method.body)
    return method.body


def detach(call: Call) -> Json:
    """Let a method go, for good; where it was the customer's default there is none afterwards."""
    method = payment_methods.load(call, call.path["id"], "payment_method", 404)
    owner = method.body["customer"]
    if owner is None:
        raise Refusal(
            400,
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            param="payment_method",
        )
    customer = customers.load(call, owner, "customer")
    settings = customer.body["invoice_settings"]
    if settings["default_payment_method"] == method.id:
        settings["default_payment_method"] = None
        call.objects.save(customer)
        events.emit(call, "customer.updated", customer.body)
    method.body["customer"] = None
    method.private["used"] = True
    call.objects.save(method)
    events.emit(call, "payment_method.detached", method.body)
    return method.body


def update(call: Call) -> Json:
    """Change billing details, metadata, a card's expiry or an account's holder."""
    method = payment_methods.load(call, call.path["id"], "payment_method", 404)
    given = call.params
    if "billing_details" in given:
        kept = method.body["billing_details"]
        merged = {**kept, **given["billing_details"]}
        merged["address"] = {**kept["address"], **(given["billing_details"].get("address") or {})}
        method.body["billing_details"] = payment_methods.billing_details(merged)
    if "allow_redisplay" in given:
        method.body["allow_redisplay"] = given["allow_redisplay"]
    if "metadata" in given:
        method.body["metadata"] = customers.merged_metadata(method.body["metadata"], given["metadata"])
    for kind, names in (("card", CHANGEABLE_OF_CARDS), ("us_bank_account", CHANGEABLE_OF_BANKS)):
        if kind in given and method.body["type"] == kind:
            method.body[kind].update({name: given[kind][name] for name in names if name in given[kind]})
    call.objects.save(method)
    events.emit(call, "payment_method.updated", method.body)
    return method.body


def list_methods(call: Call) -> Json:
    """A customer's methods, newest first, by type. Without a customer there are none to list."""
    where, arguments = ["json_extract(body, '$.customer') = ?"], [call.params.get("customer", "")]
    return listed(call, "/v1/payment_methods", where, arguments)


def list_of_customer(call: Call) -> Json:
    """The same by the customer's own address."""
    customer = customers.load(call, call.path["id"], "customer", 404)
    where, arguments = ["json_extract(body, '$.customer') = ?"], [customer.id]
    return listed(call, f"/v1/customers/{customer.id}/payment_methods", where, arguments)


def listed(call: Call, url: str, where: list[str], arguments: list[str]) -> Json:
    """A page of methods, narrowed by what both addresses take."""
    for name in ("type", "allow_redisplay"):
        if name in call.params:
            where.append(f"json_extract(body, '$.{name}') = ?")
            arguments.append(call.params[name])
    return page(call, "payment_method", url, where, arguments)


ENDPOINTS = (
    Endpoint("payment_methods.create", "POST", "/v1/payment_methods", PaymentMethodCreateParams, create),
    Endpoint("payment_methods.list", "GET", "/v1/payment_methods", PaymentMethodListParams, list_methods),
    Endpoint("payment_methods.update", "POST", "/v1/payment_methods/<id>", PaymentMethodUpdateParams, update),
    Endpoint("payment_methods.attach", "POST", "/v1/payment_methods/<id>/attach", PaymentMethodAttachParams, attach),
    Endpoint("payment_methods.detach", "POST", "/v1/payment_methods/<id>/detach", PaymentMethodDetachParams, detach),
    Endpoint(
        "customers.payment_methods.list",
        "GET",
        "/v1/customers/<id>/payment_methods",
        CustomerListPaymentMethodsParams,
        list_of_customer,
    ),
)
