"""`expand`: an id in the answer becomes the object itself, also inside lists and objects already expanded."""

from typing import Any

from portal.sandbox.stripe.state.objects import AccountObjects, Json
from portal.sandbox.stripe.wire.refusals import Refusal

EXPANDABLE = frozenset(
    (
        "balance_transaction",
        "charge",
        "customer",
        "default_payment_method",
        "failure_balance_transaction",
        "latest_attempt",
        "latest_charge",
        "mandate",
        "payment_intent",
        "payment_method",
        "setup_intent",
        "source",
    )
)


def expand(objects: AccountObjects, body: Json, paths: list[str]) -> Json:
    """The body with each path expanded, e.g. `latest_charge.balance_transaction` or `data.customer`."""
    for path in paths:
        replace(objects, body, path.split("."), path)
    return body


def replace(objects: AccountObjects, place: Any, steps: list[str], path: str) -> None:
    """Expand the rest of one path at one place of the body."""
    if isinstance(place, list):
        for item in place:
            replace(objects, item, steps, path)
        return
    if place is None or not steps:
        return
    name, rest = steps[0], steps[1:]
    value = place.get(name)
    # `data` of a list, or a hash on the way to a field that can be expanded.
    on_the_way = bool(rest) and isinstance(value, dict | list)
    whole_list = name == "data" and place.get("object") == "list"
    if name not in place or not (name in EXPANDABLE or on_the_way or whole_list):
        raise Refusal(400, f"This property cannot be expanded ({path}).", param="expand")
    if isinstance(value, str):
        found = objects.any_kind(value)
        place[name] = found.body if found else value
    if rest:
        replace(objects, place[name], rest, path)
