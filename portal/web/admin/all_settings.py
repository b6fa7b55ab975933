"""The page from which every setting is reached."""

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.core.text import text
from portal.web.admin.blueprint import routes
from portal.web.admin.rooms import SETTINGS
from portal.web.branding import render
from portal.web.guards import current_staff, staff_only

GUESTS = text("Payments without an account")
GUESTS_NOTE = text("Whether third parties may look up a policy by its number and the insured’s ZIP code, and pay")


@routes.get("/settings")
@staff_only(Permission.MANAGE_TERMS)
def settings() -> ResponseReturnValue:
    """The settings that this role may change."""
    staff = current_staff()
    found = [(room.words, room.note, url_for(room.endpoint)) for room in SETTINGS if staff.may(room.permission)]
    if staff.may(Permission.MANAGE_AGENCY):
        found.append((GUESTS, GUESTS_NOTE, url_for("admin.help_page", _anchor="guest-payments")))
    return render("admin/settings.html", settings=found)
