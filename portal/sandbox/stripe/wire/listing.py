"""Lists: newest first, by cursor, `created` filters, 1 to 100 a page."""

from collections.abc import Callable
from typing import Any

from portal.sandbox.stripe.state.objects import Json, Stored
from portal.sandbox.stripe.wire.endpoint import Call
from portal.sandbox.stripe.wire.refusals import Refusal, no_such

DEFAULT_LIMIT, LARGEST_LIMIT = 10, 100
COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def as_kept(_call: Call, stored: Stored) -> Json:
    """An object as it was stored."""
    return stored.body


def page(
    call: Call,
    kind: str,
    url: str,
    where: list[str] | None = None,
    arguments: list[Any] | None = None,
    show: Callable[[Call, Stored], Json] = as_kept,
    ranges: tuple[str, ...] = ("created",),
) -> Json:
    """One page of a list in Stripe's shape.

    Args:
        call: its `limit`, `starting_after`, `ending_before` and `created` are heeded.
        kind: the kind of object.
        url: the list's own path, part of the answer.
        where, arguments: further conditions in SQL over the table `object`, with their values.
        show: what to answer for each.
        ranges: the times by which the list can be narrowed.
    """
    limit = call.params.get("limit", DEFAULT_LIMIT)
    if not 1 <= limit <= LARGEST_LIMIT:
        raise Refusal(
            400, f"Invalid limit: must be between 1 and {LARGEST_LIMIT}", "parameter_invalid_integer", "limit"
        )
    conditions, values = list(where or []), list(arguments or [])
    for name in ranges:
        column = "created" if name == "created" else f"json_extract(body, '$.{name}')"
        given = call.params.get(name)
        for word, bound in given.items() if isinstance(given, dict) else []:
            conditions.append(f"{column} {COMPARISONS[word]} ?")
            values.append(bound)
        if isinstance(given, int):
            conditions.append(f"{column} = ?")
            values.append(given)
    backwards = "ending_before" in call.params
    if backwards and "starting_after" in call.params:
        raise Refusal(400, "You may only specify one of these parameters: starting_after, ending_before.")
    for name, comparison in (("starting_after", "<"), ("ending_before", ">")):
        if name in call.params:
            cursor = call.objects.find(kind, call.params[name])
            if cursor is None:
                raise no_such(kind, call.params[name], name)
            conditions.append(f"seq {comparison} ?")
            values.append(cursor.seq)
    tail = f"ORDER BY seq {'ASC' if backwards else 'DESC'} LIMIT {limit + 1}"
    found = call.objects.every(kind, " AND ".join(conditions) or "1", tuple(values), tail)
    shown = found[:limit]
    if backwards:
        shown.reverse()
    return {
        "object": "list",
        "url": url,
        "has_more": len(found) > limit,
        "data": [show(call, stored) for stored in shown],
    }
