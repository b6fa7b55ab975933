"""The blueprint that all pages of staff belong to, and what their layout shows."""

from flask import Blueprint, g, request, url_for
from flask_login import current_user

from portal.access.staff import Staff
from portal.core.staff_tasks import open_tasks
from portal.web.admin.rooms import ROOMS
from portal.web.units import read_unit

routes = Blueprint("admin", __name__, url_prefix="/admin")


@routes.context_processor
def _layout() -> dict[str, object]:
    """For templates/admin/layout.html: who works here, the rooms their role may enter, which one this is, and
    how many matters wait in it."""
    staff: Staff | None = g.get("staff")
    if staff is None:
        return {}
    has_entered = current_user.second_factor_at is not None
    rooms = [room for room in ROOMS if has_entered and staff.may(room.permission)]
    waiting = {"admin.attention": open_tasks(read_unit())} if rooms else {}
    links = [
        (room.words, url_for(room.endpoint), room.holds(str(request.endpoint)), waiting.get(room.endpoint, 0))
        for room in rooms
    ]
    return {"staff": staff, "rooms": links, "home_url": url_for("admin.home")}
