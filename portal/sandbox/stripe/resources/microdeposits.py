"""Two small deposits that show whether a bank account is the payer's: what to type, how often, how long.

Source: https://docs.stripe.com/payments/ach-direct-debit/set-up-payment, "Test microdeposit amounts and descriptor
codes".
"""

from portal.sandbox.stripe.resources import payment_methods
from portal.sandbox.stripe.state import diary
from portal.sandbox.stripe.state.objects import Json, Stored
from portal.sandbox.stripe.wire.endpoint import Call

ARRIVE_AFTER_SECONDS = 2 * 24 * 3600
VALID_FOR_SECONDS = 10 * 24 * 3600


def wanted(call: Call, options: Json, method: Stored, token: Stored | None) -> bool:
    """Whether this account must be verified first.

    Args:
        options: payment_method_options of the intent; `verification_method` may be given with the confirm, too.
        method: with `instant` the payer has signed in at the bank, and nothing is left to show.
    """
    asked = {**(options or {}), **(call.params.get("payment_method_options") or {})}
    way = (asked.get("us_bank_account") or {}).get("verification_method", "automatic")
    known = method.private["verified"] or bool(token and token.private["verified"])
    return way == "microdeposits" or (way == "automatic" and not known)


def next_action(call: Call, intent: Json) -> Json:
    """What the payer has to do: wait for the deposits, then type what they were."""
    address = f"{call.origin}/microdeposits/{intent['id']}?client_secret={intent['client_secret']}"
    return {
        "type": "verify_with_microdeposits",
        "verify_with_microdeposits": {
            "arrival_date": call.now + ARRIVE_AFTER_SECONDS,
            "hosted_verification_url": address,
            "microdeposit_type": "amounts",
        },
    }


def expect(call: Call, intent: Stored, method: Stored) -> None:
    """Note when the deposits bounce, or the time to type them is over."""
    wait = VALID_FOR_SECONDS if payment_methods.account_of(method).gets_deposits else ARRIVE_AFTER_SECONDS
    diary.plan(call.objects.connection, call.account, "microdeposits_over", intent.id, call.now + wait)
