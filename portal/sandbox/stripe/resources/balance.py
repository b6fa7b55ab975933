"""The account's balance: what may be paid out now, and what is still on its way."""

from stripe.params import BalanceRetrieveParams

from portal.sandbox.stripe.resources import balance_transactions
from portal.sandbox.stripe.state.objects import Json
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint


def retrieve(call: Call) -> Json:
    """Available and pending money, in dollars only."""
    available = balance_transactions.available_cents(call)
    every = balance_transactions.sum_of(call, "1", ())

    def part(cents: int) -> list[Json]:
        return [{"amount": cents, "currency": "usd", "source_types": {"card": cents}}]

    return {"object": "balance", "available": part(available), "livemode": False, "pending": part(every - available)}


ENDPOINTS = (Endpoint("balance.retrieve", "GET", "/v1/balance", BalanceRetrieveParams, retrieve),)
