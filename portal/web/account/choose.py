"""For somebody who is several things here: which of them now."""

from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.access.hats import hats_of
from portal.web.account.blueprint import routes
from portal.web.branding import render
from portal.web.guards import insured_only
from portal.web.htmx import redirect_to
from portal.web.sessions import home_of
from portal.web.units import read_unit


@routes.get("/choose")
@insured_only
def choose() -> ResponseReturnValue:
    """The ways on; whoever has only one goes it."""
    hats = hats_of(read_unit(), current_user.email)
    if len(hats) < 2:
        return redirect_to(home_of(hats))
    return render("account/choose.html", hats=hats)
