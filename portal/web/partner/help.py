"""The page that explains the portal to partners; their mails lead here too."""

from flask.typing import ResponseReturnValue

from portal.web.branding import render
from portal.web.guards import partner_only
from portal.web.partner.blueprint import routes


@routes.get("/help")
@partner_only()
def help_page() -> ResponseReturnValue:
    """How to sign in, pay, read statements, and let colleagues in."""
    return render("partner/help.html")
