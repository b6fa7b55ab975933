"""Confirming a PaymentIntent: which token or method, whether it may, and then the bank."""

from portal.sandbox.stripe.resources import confirmation_tokens, debits, mandates, microdeposits, payment_methods
from portal.sandbox.stripe.resources.cards import NEEDS_PAYER
from portal.sandbox.stripe.resources.intent_state import CONFIRMABLE, charge, declined, load, require_action
from portal.sandbox.stripe.state.objects import Json, Stored, new_id
from portal.sandbox.stripe.wire.endpoint import Call
from portal.sandbox.stripe.wire.refusals import Answer, Refusal, unexpected_state


def confirm(call: Call) -> Json | Answer:
    """Confirm the intent named in the path."""
    return confirm_intent(call, load(call, 404))


def confirm_intent(call: Call, intent: Stored) -> Json | Answer:
    """Check everything, then spend the token and ask the bank. A check that fails spends nothing."""
    check_state(intent.body)
    amount = call.params.get("amount_to_confirm", intent.body["amount"])
    if amount != intent.body["amount"]:
        raise Refusal(
            400,
            f"The amount to confirm ({amount}) does not match the PaymentIntent's amount ({intent.body['amount']}).",
            "payment_intent_invalid_parameter",
            "amount_to_confirm",
        )
    token = None
    if "confirmation_token" in call.params:
        token = confirmation_tokens.unspent(call, call.params["confirmation_token"])
    check_future_usage(call, intent.body, token)
    check_return_url(call, intent.body, token)
    method = chosen_method(call, intent.body, token)
    if method.body["type"] not in intent.body["payment_method_types"]:
        raise Refusal(
            400,
            f"The PaymentMethod provided ({method.body['type']}) is not allowed for this PaymentIntent. Please "
            "attach a PaymentMethod of one of the following types: "
            f"{', '.join(intent.body['payment_method_types'])}.",
            "payment_intent_incompatible_payment_method",
            "payment_method",
        )
    if token:
        token.body["payment_intent"] = intent.id
        call.objects.save(token)
    for name in ("receipt_email", "setup_future_usage", "shipping"):
        if call.params.get(name):
            intent.body[name] = call.params[name]
    return ask_bank(call, intent, method, token)


def ask_bank(call: Call, intent: Stored, method: Stored, token: Stored | None) -> Answer:
    """Charge at once, unless the card wants its holder to be seen first or the account must be verified."""
    if method.body["type"] == "us_bank_account":
        return debit(call, intent, method, token)
    card = payment_methods.card_of(method)
    passes = card.challenge == "never" or (card.challenge == "unless_set_up" and method.private["set_up"])
    if passes:
        return charge(call, intent, method, authenticated=False)
    if call.params.get("off_session") or call.params.get("error_on_requires_action"):
        return declined(call, intent, method, NEEDS_PAYER, None)
    in_page = call.params.get("use_stripe_sdk", bool(token and token.body["use_stripe_sdk"]))
    next_action = challenge_for(call, intent.body, in_page, return_url_of(call, token))
    return require_action(call, intent, method, next_action)


def debit(call: Call, intent: Stored, method: Stored, token: Stored | None) -> Answer:
    """Send a debit to the payer's bank, when they have agreed to it and the account is known to be theirs."""
    again = intent.body["setup_future_usage"] == "off_session"
    once = None if again else {"amount": intent.body["amount"], "currency": intent.body["currency"]}
    mandate = mandates.for_debit(call, method, token, once)
    if microdeposits.wanted(call, intent.body["payment_method_options"], method, token):
        intent.private["mandate"] = mandate["id"]
        microdeposits.expect(call, intent, method)
        return require_action(call, intent, method, microdeposits.next_action(call, intent.body))
    method.private["verified"] = True
    return debits.start(call, intent, method, mandate)


def challenge_for(call: Call, intent: Json, in_page: bool, return_url: str | None) -> Json:
    """The next action: a challenge inside the page for Stripe.js, or a redirect there and back."""
    url = f"{call.origin}/challenge/{intent['id']}?client_secret={intent['client_secret']}"
    if in_page:
        source = new_id("src")
        return {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "source": source, "stripe_js": url},
        }
    return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": f"{url}&redirect=1"}}


def check_state(intent: Json) -> None:
    """An intent makes at most one successful charge: refuse one that is done."""
    status = intent["status"]
    if status in CONFIRMABLE:
        return
    if status == "succeeded":
        message = (
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
        )
    else:
        message = (
            f"This PaymentIntent's status is {status}, but must be one of {', '.join(CONFIRMABLE)} to be confirmed."
        )
    raise unexpected_state(message, intent)


def check_future_usage(call: Call, intent: Json, token: Stored | None) -> None:
    """Elements, token and intent must agree on setup_future_usage and currency; off_session excludes the former."""
    wanted = call.params.get("setup_future_usage") or intent["setup_future_usage"]
    if call.params.get("off_session") and call.params.get("setup_future_usage"):
        message = "You cannot provide `setup_future_usage` together with `off_session`."
        raise Refusal(400, message, "parameters_exclusive", "setup_future_usage")
    if token is None:
        return
    pairs = [("setup_future_usage", token.body["setup_future_usage"], wanted)]
    if token.private["currency"]:
        pairs.append(("currency", token.private["currency"], intent["currency"]))
    for name, of_token, of_intent in pairs:
        if of_token != of_intent:
            raise Refusal(
                400,
                f"The provided {name} ({of_intent or 'null'}) does not match the expected {name} "
                f"({of_token or 'null'}). Try confirming with a Payment Intent that is configured to use the same "
                "parameters as Stripe Elements.",
                "payment_intent_invalid_parameter",
                name,
            )


def return_url_of(call: Call, token: Stored | None) -> str | None:
    """Where the payer comes back to: the request says so, or the token."""
    address = call.params.get("return_url") or (token.body["return_url"] if token else None)
    return str(address) if address else None


def check_return_url(call: Call, intent: Json, token: Stored | None, noun: str = "PaymentIntent") -> None:
    """A payer who may be sent away needs an address to come back to."""
    never = (intent["automatic_payment_methods"] or {}).get("allow_redirects") == "never"
    if not return_url_of(call, token) and not never and not call.params.get("off_session"):
        raise Refusal(
            400,
            f"This {noun} is configured to accept payment methods that might redirect your customer off of your "
            "page, so you must provide a `return_url`.",
            "parameter_missing",
            "return_url",
        )


def chosen_method(call: Call, intent: Json, token: Stored | None) -> Stored:
    """The method to charge: the request's own, the token's, or the one on the intent."""
    if "payment_method" in call.params:
        return payment_methods.for_payment(call, call.params["payment_method"], intent["customer"])
    if token:
        return from_token(call, intent, token)
    if intent["payment_method"] and intent["status"] == "requires_confirmation":
        return payment_methods.load(call, intent["payment_method"], "payment_method")
    raise unexpected_state(
        "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
        "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment "
        "method or ConfirmationToken.",
        intent,
    )


def from_token(call: Call, intent: Json, token: Stored) -> Stored:
    """The method that a token stands for: the saved one that was chosen, or a new one."""
    if token.private["saved"]:
        return payment_methods.for_payment(call, token.private["saved"], intent["customer"])
    shown = token.body["payment_method_preview"]
    return payment_methods.create_from(call, token.private["number"], shown, verified=bool(token.private["verified"]))
