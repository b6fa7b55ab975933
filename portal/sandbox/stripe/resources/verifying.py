"""verify_microdeposits: the payer types what arrived, for a PaymentIntent or a SetupIntent.

Source: https://docs.stripe.com/payments/ach-direct-debit/set-up-payment, test values.
"""

from stripe.params import PaymentIntentVerifyMicrodepositsParams, SetupIntentVerifyMicrodepositsParams

from portal.sandbox.stripe.resources import debits, intent_state, mandates, payment_methods, setup_state
from portal.sandbox.stripe.state.objects import Json, Stored
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.refusals import Answer, Refusal, unexpected_state

RIGHT = ([32, 45], "SM11AA")
TOO_OFTEN = ([10, 11], "SM33CC")
TOO_LATE = ([40, 41], "SM44DD")
TRIES = 10
EXCEEDED = (
    "payment_method_microdeposit_verification_attempts_exceeded",
    "You have exceeded the number of allowed verification attempts.",
)
TIMED_OUT = (
    "payment_method_microdeposit_verification_timeout",
    "Microdeposit verification was not completed in time.",
)
BOUNCED = (
    "payment_method_microdeposit_failed",
    "Microdeposits could not be deposited into the customer's account. Check the account, institution and transit "
    "numbers.",
)
MISMATCH = {
    "amounts": "The amounts provided do not match the amounts that were sent to the bank account.",
    "descriptor_code": "The descriptor code provided does not match the one that was sent to the bank account.",
}


def verify_payment(call: Call) -> Json | Answer:
    """For a PaymentIntent: with the right values its debit is sent."""
    intent = intent_state.load(call, 404)
    if not waits(intent):
        raise unexpected_state("This PaymentIntent is not waiting for microdeposit verification.", intent.body)
    return verify(call, intent)


def verify_setup(call: Call) -> Json | Answer:
    """For a SetupIntent: with the right values the account is kept."""
    intent = setup_state.load(call, 404)
    if not waits(intent):
        raise setup_state.unexpected("This SetupIntent is not waiting for microdeposit verification.", intent.body)
    return verify(call, intent)


def waits(intent: Stored) -> bool:
    """Whether this intent waits for what its payer has to type."""
    action = intent.body["next_action"] or {}
    return intent.body["status"] == "requires_action" and action.get("type") == "verify_with_microdeposits"


def verify(call: Call, intent: Stored) -> Json | Answer:
    """Compare what was typed. A wrong try is counted, so its 400 is an answer and no Refusal."""
    names = [name for name in ("amounts", "descriptor_code") if name in call.params]
    if len(names) != 1:
        raise Refusal(400, "You must provide either `amounts` or `descriptor_code`.", "parameter_missing", "amounts")
    typed = call.params[names[0]]
    if names == ["amounts"]:
        typed = sorted(typed)
        if len(typed) != 2:
            code = "payment_method_microdeposit_verification_amounts_invalid"
            raise Refusal(400, "You must provide exactly two microdeposit amounts.", code, "amounts")
    if typed in RIGHT:
        return verified(call, intent)
    tries = intent.private.get("tries", 0) + 1
    intent.private["tries"] = tries
    if typed in TOO_OFTEN or tries >= TRIES:
        return give_up(call, intent, *EXCEEDED)
    if typed in TOO_LATE:
        return give_up(call, intent, *TIMED_OUT)
    call.objects.save(intent)
    code = f"payment_method_microdeposit_verification_{names[0]}_mismatch"
    return Refusal(400, f"{MISMATCH[names[0]]} {TRIES - tries} attempts left.", code, names[0]).answer


def verified(call: Call, intent: Stored) -> Answer:
    """The account is the payer's."""
    method = payment_methods.load(call, intent.body["payment_method"], "payment_method")
    if intent.kind == "setup_intent":
        return setup_state.succeed(call, intent, method)
    method.private["verified"] = True
    return debits.start(call, intent, method, mandates.load(call, intent.private["mandate"]).body)


def give_up(call: Call, intent: Stored, code: str, message: str) -> Answer:
    """This account cannot be verified any more; the intent is open for another."""
    method = payment_methods.load(call, intent.body["payment_method"], "payment_method")
    refusal = Refusal(400, message, code)
    mandates.revoke(call, method.id)
    fail = setup_state.fail if intent.kind == "setup_intent" else intent_state.fail
    fail(call, intent, method, refusal.answer.body["error"])
    return refusal.answer


def on_last_day(call: Call, intent_id: str) -> None:
    """Diary: the deposits came back, or nobody typed them."""
    intent = call.objects.any_kind(intent_id)
    if intent is None or not waits(intent):
        return
    method = payment_methods.load(call, intent.body["payment_method"], "payment_method")
    arrived = payment_methods.account_of(method).gets_deposits
    give_up(call, intent, *(TIMED_OUT if arrived else BOUNCED))


ENDPOINTS = (
    Endpoint(
        "payment_intents.verify_microdeposits",
        "POST",
        "/v1/payment_intents/<id>/verify_microdeposits",
        PaymentIntentVerifyMicrodepositsParams,
        verify_payment,
    ),
    Endpoint(
        "setup_intents.verify_microdeposits",
        "POST",
        "/v1/setup_intents/<id>/verify_microdeposits",
        SetupIntentVerifyMicrodepositsParams,
        verify_setup,
    ),
)
