"""`expand`: an id in the answer becomes the object itself, also inside lists and objects already expanded."""

from typing import Any

from portal.sandbox.stripe.state.objects import AccountObjects, Json
from portal.sandbox.stripe.wire.refusals import Refusal

# Field -> kind of object. `source` belongs to balance transactions.
EXPANDABLE = {
    "balance_transaction": "balance_transaction",
    "charge": "charge",
    "customer": "customer",
    "latest_charge": "charge",
    "payment_intent": "payment_intent",
    "payment_method": "payment_method",
    "source": "charge",
}


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
    in_list = name == "data" and place.get("object") == "list"
    if name not in place or (name not in EXPANDABLE and not in_list):
        raise Refusal(400, f"This property cannot be expanded ({path}).", param="expand")
    if isinstance(place[name], str):
        found = objects.find(EXPANDABLE[name], place[name])
        place[name] = found.body if found else place[name]
    if rest:
        replace(objects, place[name], rest, path)
