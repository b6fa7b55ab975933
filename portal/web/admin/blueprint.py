"""The blueprint that all pages of staff belong to, and what their layout shows."""

from flask import Blueprint, g, request, url_for
from flask_login import current_user

from portal.access.staff import Staff
from portal.web.admin.rooms import ROOMS

routes = Blueprint("admin", __name__, url_prefix="/admin")


@routes.context_processor
def _layout() -> dict[str, object]:
    """For templates/admin/layout.html: who works here, the rooms their role may enter, and which one this is."""
    staff: Staff | None = g.get("staff")
    if staff is None:
        return {}
    has_entered = current_user.second_factor_at is not None
    rooms = [room for room in ROOMS if has_entered and staff.may(room.permission)]
    links = [(room.words, url_for(room.endpoint), room.holds(str(request.endpoint))) for room in rooms]
    return {"staff": staff, "rooms": links, "home_url": url_for("admin.home")}
