"""The three steps of paying, registered once for each door."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.web.paying.charge import charge
from portal.web.paying.choose import choose
from portal.web.paying.door import Door, FindDoor
from portal.web.paying.review import review


def add_paying(
    routes: Blueprint, base: str, guard: Callable[[Callable[..., Any]], Callable[..., Any]], find_door: FindDoor
) -> None:
    """Give a blueprint the pages <base>, <base>/review and <base>/submit.

    Args:
        routes: the door's blueprint.
        base: the address; its variables are handed to `find_door`.
        guard: who may call them (portal/web/guards.py).
        find_door: what this request's payer may pay; raises NotFound or Gone.
    """

    def page(step: Callable[[Door], ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        def view(**values: object) -> ResponseReturnValue:
            return step(find_door(**values))

        return guard(view)

    routes.add_url_rule(base, "pay", page(choose))
    routes.add_url_rule(f"{base}/review", "review", page(review), methods=["POST"])
    routes.add_url_rule(f"{base}/submit", "submit", page(charge), methods=["POST"])
