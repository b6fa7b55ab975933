"""A staff member's own account: second factors, recovery codes, where they are signed in."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.permissions import ROLE_WORDS, Permission
from portal.access.recovery_codes import recovery_codes_left
from portal.access.second_factor import factors_of, remove_factor
from portal.core.text import text
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.browser_rows import browser_rows
from portal.web.filters import say
from portal.web.guards import current_staff, staff_only
from portal.web.htmx import redirect_to
from portal.web.list_address import row_id
from portal.web.services import services
from portal.web.units import read_unit, write_unit

REMOVED = text("That second step is removed.")


@routes.get("/account")
@staff_only(Permission.VIEW)
def account() -> ResponseReturnValue:
    """The page behind "Your account" in the menu."""
    staff, session = current_staff(), read_unit()
    return render(
        "admin/account/show.html",
        role=ROLE_WORDS[staff.role],
        factors=factors_of(session, staff.id),
        codes_left=recovery_codes_left(session, staff.id),
        browsers=browser_rows(),
    )


@routes.post("/account/remove-factor")
@staff_only(Permission.VIEW, fresh=True)
def remove_own_factor() -> ResponseReturnValue:
    """Remove one of one's own second factors; the last one stays."""
    with write_unit() as unit:
        remove_factor(unit, current_staff(), request.form.get("factor", 0, row_id), actor(), services().now())
    flash(say(REMOVED), "ok")
    return redirect_to(url_for("admin.account"))
