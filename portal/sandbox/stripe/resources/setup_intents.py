"""SetupIntents: a method is kept for later and nothing is charged. Created, confirmed, read, listed, canceled."""

from stripe.params import (
    SetupIntentCancelParams,
    SetupIntentConfirmParams,
    SetupIntentCreateParams,
    SetupIntentListParams,
    SetupIntentRetrieveParams,
)

from portal.sandbox.stripe.resources import (
    confirmation_tokens,
    confirming,
    customers,
    events,
    intent_state,
    mandates,
    microdeposits,
    payment_intents,
    payment_methods,
    setup_state,
)
from portal.sandbox.stripe.state.objects import Json, Stored, new_id
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.listing import page
from portal.sandbox.stripe.wire.parameters import fields
from portal.sandbox.stripe.wire.refusals import Answer, Refusal

ONLY_WITH_CONFIRM = ("confirmation_token", "mandate_data", "return_url", "use_stripe_sdk")
CANCELABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
HIDDEN_FROM_BROWSERS = ("application", "customer", "latest_attempt", "mandate", "metadata", "single_use_mandate")


def create(call: Call) -> Json | Answer:
    """A new SetupIntent, unconfirmed; with `confirm` it is confirmed at once."""
    given = call.params
    types = payment_intents.method_types({**given, "currency": "usd"})
    misplaced = [name for name in ONLY_WITH_CONFIRM if name in given and not given.get("confirm")]
    if misplaced:
        raise Refusal(400, f"`{misplaced[0]}` can only be used with `confirm=true`.", param=misplaced[0])
    if "customer" in given:
        customers.load(call, given["customer"], "customer")
    method = None
    if "payment_method" in given:
        method = payment_methods.for_payment(call, given["payment_method"], given.get("customer"))
    intent_id = new_id("seti")
    body: Json = {
        "id": intent_id,
        "object": "setup_intent",
        "allowed_payment_method_types": given.get("allowed_payment_method_types"),
        "application": None,
        "automatic_payment_methods": given.get("automatic_payment_methods"),
        "cancellation_reason": None,
        "client_secret": new_id(f"{intent_id}_secret"),
        "created": call.now,
        "customer": given.get("customer"),
        "customer_account": None,
        "description": given.get("description"),
        "excluded_payment_method_types": given.get("excluded_payment_method_types"),
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": given.get("metadata") or {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": method.id if method else None,
        "payment_method_configuration_details": None,
        "payment_method_options": given.get("payment_method_options") or {},
        "payment_method_types": types,
        "single_use_mandate": None,
        "status": "requires_confirmation" if method else "requires_payment_method",
        "usage": given.get("usage", "off_session"),
    }
    intent = call.objects.add("setup_intent", body)
    events.emit(call, "setup_intent.created", body)
    if given.get("confirm"):
        of_confirm = fields(SetupIntentConfirmParams)
        call.params = {name: value for name, value in given.items() if name in of_confirm}
        return confirm_intent(call, intent)
    return body


def confirm(call: Call) -> Json | Answer:
    """Confirm the SetupIntent named in the path."""
    return confirm_intent(call, setup_state.load(call, 404))


def confirm_intent(call: Call, intent: Stored) -> Json | Answer:
    """Check everything, then spend the token and ask the bank. A check that fails spends nothing."""
    status = intent.body["status"]
    if status not in intent_state.CONFIRMABLE:
        raise setup_state.unexpected(
            f"You cannot confirm this SetupIntent because it has a status of {status}.", intent.body
        )
    token = None
    if "confirmation_token" in call.params:
        token = confirmation_tokens.unspent(call, call.params["confirmation_token"])
    confirming.check_return_url(call, intent.body, token, "SetupIntent")
    method = chosen_method(call, intent.body, token)
    if method.body["type"] not in intent.body["payment_method_types"]:
        raise Refusal(
            400,
            f"The PaymentMethod provided ({method.body['type']}) is not allowed for this SetupIntent.",
            "setup_intent_invalid_parameter",
            "payment_method",
        )
    if token:
        token.body["setup_intent"] = intent.id
        call.objects.save(token)
    if method.body["type"] == "us_bank_account":
        intent.private["mandate"] = mandates.for_debit(call, method, token, None)["id"]
        if microdeposits.wanted(call, intent.body["payment_method_options"], method, token):
            microdeposits.expect(call, intent, method)
            return setup_state.require_action(call, intent, method, microdeposits.next_action(call, intent.body))
        return setup_state.succeed(call, intent, method)
    return ask_bank(call, intent, method, token)


def ask_bank(call: Call, intent: Stored, method: Stored, token: Stored | None) -> Answer:
    """A card's bank says no, wants to see its holder, or agrees."""
    card = payment_methods.card_of(method)
    if decline := payment_methods.setup_decline_of(method):
        return setup_state.fail(call, intent, method, intent_state.decline_error(decline))
    if card.challenge == "never" or method.private["set_up"]:
        return setup_state.succeed(call, intent, method)
    in_page = call.params.get("use_stripe_sdk", bool(token and token.body["use_stripe_sdk"]))
    address = confirming.return_url_of(call, token)
    return setup_state.require_action(
        call, intent, method, confirming.challenge_for(call, intent.body, in_page, address)
    )


def chosen_method(call: Call, intent: Json, token: Stored | None) -> Stored:
    """The method to keep: the request's own, the token's, or the one on the intent."""
    if "payment_method" in call.params:
        return payment_methods.for_payment(call, call.params["payment_method"], intent["customer"])
    if token:
        return confirming.from_token(call, intent, token)
    if intent["payment_method"] and intent["status"] == "requires_confirmation":
        return payment_methods.load(call, intent["payment_method"], "payment_method")
    raise setup_state.unexpected(
        "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a "
        "payment method and then confirm it again.",
        intent,
    )


def retrieve(call: Call) -> Json:
    """One SetupIntent; a browser needs its client secret and sees less."""
    intent = setup_state.load(call, 404)
    secret = call.params.get("client_secret")
    if (secret is not None or not call.secret) and secret != intent.body["client_secret"]:
        raise Refusal(
            400,
            "The client_secret provided does not match any associated SetupIntent on this account.",
            "setup_intent_invalid_parameter",
            "client_secret",
        )
    if call.secret:
        return intent.body
    return {name: value for name, value in intent.body.items() if name not in HIDDEN_FROM_BROWSERS}


def cancel(call: Call) -> Json:
    """Give up on a SetupIntent that has not succeeded."""
    intent = setup_state.load(call, 404)
    if intent.body["status"] not in CANCELABLE:
        raise setup_state.unexpected(
            f"You cannot cancel this SetupIntent because it has a status of {intent.body['status']}.", intent.body
        )
    intent.body.update(status="canceled", cancellation_reason=call.params.get("cancellation_reason"), next_action=None)
    call.objects.save(intent)
    events.emit(call, "setup_intent.canceled", intent.body)
    return intent.body


def list_intents(call: Call) -> Json:
    """SetupIntents, newest first, by customer and method."""
    where, arguments = [], []
    for name in ("customer", "payment_method"):
        if name in call.params:
            where.append(f"json_extract(body, '$.{name}') = ?")
            arguments.append(call.params[name])
    return page(call, "setup_intent", "/v1/setup_intents", where, arguments)


ENDPOINTS = (
    Endpoint("setup_intents.create", "POST", "/v1/setup_intents", SetupIntentCreateParams, create),
    Endpoint("setup_intents.list", "GET", "/v1/setup_intents", SetupIntentListParams, list_intents),
    Endpoint(
        "setup_intents.retrieve",
        "GET",
        "/v1/setup_intents/<id>",
        SetupIntentRetrieveParams,
        retrieve,
        publishable=True,
    ),
    Endpoint("setup_intents.confirm", "POST", "/v1/setup_intents/<id>/confirm", SetupIntentConfirmParams, confirm),
    Endpoint("setup_intents.cancel", "POST", "/v1/setup_intents/<id>/cancel", SetupIntentCancelParams, cancel),
)
