"""The staff's start page."""

from flask.typing import ResponseReturnValue

from portal.access.permissions import ROLE_WORDS, Permission
from portal.core.clock import local_date
from portal.reports.attention import counted_matters
from portal.reports.staff_overview import overview
from portal.reports.staff_partner_matters import partner_matters
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.guards import current_staff, staff_only
from portal.web.services import agency, services
from portal.web.units import read_unit


@routes.get("/")
@staff_only(Permission.VIEW)
def home() -> ResponseReturnValue:
    """Where staff arrive: what waits for them, and the agency's figures, each leading to the list behind it."""
    session, zone = read_unit(), agency().time_zone
    seen = overview(session, local_date(services().now(), zone), zone)
    matters = counted_matters(session)
    role, of_partners = ROLE_WORDS[current_staff().role], partner_matters(session)
    return render("admin/home.html", role=role, seen=seen, matters=matters, of_partners=of_partners)
