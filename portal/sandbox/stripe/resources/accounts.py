"""The account itself: which one a key opens."""

from stripe.params import AccountRetrieveCurrentParams

from portal.sandbox.stripe.state.objects import Json
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint


def retrieve_current(call: Call) -> Json:
    """The account of the key that asks; its id is made of the account's name."""
    return {
        "id": f"acct_{call.account}",
        "object": "account",
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "payouts_enabled": True,
        "type": "standard",
    }


ENDPOINTS = (
    Endpoint("accounts.retrieve_current", "GET", "/v1/account", AccountRetrieveCurrentParams, retrieve_current),
)
