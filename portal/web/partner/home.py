"""A partner's start page: what is due and when, as figures that lead to the pages."""

from flask.typing import ResponseReturnValue

from portal.core.clock import local_date
from portal.reports.partner_home import home_cards
from portal.web.branding import render
from portal.web.guards import current_seat, partner_only
from portal.web.partner.blueprint import routes
from portal.web.services import agency, services
from portal.web.units import read_unit


@routes.get("/")
@partner_only()
def home() -> ResponseReturnValue:
    """The figures, one card each."""
    today = local_date(services().now(), agency().time_zone)
    return render("partner/home.html", cards=home_cards(read_unit(), current_seat(), today))
