"""The staff's start page."""

from flask.typing import ResponseReturnValue

from portal.access.permissions import ROLE_WORDS, Permission
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.guards import current_staff, staff_only


@routes.get("/")
@staff_only(Permission.VIEW)
def home() -> ResponseReturnValue:
    """Where staff arrive."""
    return render("admin/home.html", role=ROLE_WORDS[current_staff().role])
