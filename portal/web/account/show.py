"""One's own account: the address, and where one is signed in."""

from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.access.visible import sight_of
from portal.web.account.blueprint import routes
from portal.web.branding import render
from portal.web.browser_rows import browser_rows
from portal.web.guards import insured_only
from portal.web.units import read_unit


@routes.get("/")
@insured_only
def show() -> ResponseReturnValue:
    """The page behind "Your account" in the menu."""
    is_insured = bool(sight_of(read_unit(), current_user.email))
    return render("account/show.html", email=current_user.email, is_insured=is_insured, browsers=browser_rows())
