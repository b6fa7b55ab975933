"""The blueprint of a partner's pages. Their address names the partner; routes and templates need not say it again."""

from typing import Any

from flask import Blueprint, g, request, url_for

from portal.partners.seats import Seat
from portal.web.partner.rooms import ROOMS

routes = Blueprint("partner", __name__, url_prefix="/partner/<int:partner_id>")


@routes.url_value_preprocessor
def _take_partner(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Out of the address, for the guard; views are not given it."""
    g.partner_id = (values or {}).pop("partner_id")


@routes.url_defaults
def _same_partner(_endpoint: str, values: dict[str, Any]) -> None:
    """Into addresses of the same partner."""
    if "partner_id" in g:
        values.setdefault("partner_id", g.partner_id)


@routes.context_processor
def _layout() -> dict[str, object]:
    """For templates/partner/layout.html: the seat, and the rooms that it opens."""
    seat: Seat | None = g.get("seat")
    if seat is None:
        return {}
    links = [
        (room.words, url_for(room.endpoint), room.holds(str(request.endpoint))) for room in ROOMS if room.is_for(seat)
    ]
    return {"seat": seat, "partner_rooms": links, "home_url": url_for("partner.home")}
