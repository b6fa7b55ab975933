"""Stripe's form encoding: `metadata[a]=1&expand[0]=x` to nested dicts of strings; arrays stay dicts keyed by index."""

import re
from urllib.parse import parse_qsl

from portal.sandbox.stripe.state.objects import Json
from portal.sandbox.stripe.wire.refusals import Refusal

PART = re.compile(r"\[([^\[\]]*)\]")


def decode(encoded: str) -> Json:
    """Nested parameters from a query string or a form body.

    `a[]=x&a[]=y` becomes {"a": {"0": "x", "1": "y"}}, like the indexed form. Raises Refusal 400 on nonsense.
    """
    params: Json = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        head, bracket, _ = name.partition("[")
        parts = PART.findall(name[len(head) :])
        if not head or (bracket and "".join(f"[{part}]" for part in parts) != name[len(head) :]):
            raise Refusal(400, f"Invalid parameter name: {name}", "parameter_unknown", name)
        place = params
        path = [head, *parts]
        for depth, part in enumerate(path):
            step = part or str(len(place))
            if depth == len(path) - 1:
                place[step] = value
            else:
                place = place.setdefault(step, {})
                if not isinstance(place, dict):
                    raise Refusal(400, f"Invalid object: {name}", "parameter_invalid_object", name)
    return params
