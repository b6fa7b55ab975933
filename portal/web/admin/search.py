"""Staff search programs."""

from flask import request
from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.reports.one_time import search_one_time
from portal.reports.search import MOST_FOUND, search_programs
from portal.reports.word_search import SHORTEST
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.guards import staff_only
from portal.web.services import agency, services
from portal.web.units import read_unit


@routes.get("/search")
@staff_only(Permission.VIEW)
def search() -> ResponseReturnValue:
    """Programs by insured, e-mail address, policy, invoice or reference; the question stands in the address."""
    typed = request.args.get("q", "")[:100].strip()
    today = local_date(services().now(), agency().time_zone)
    found = search_programs(read_unit(), typed, today)
    one_time = search_one_time(read_unit(), typed, today)
    return render("admin/search.html", typed=typed, found=found, one_time=one_time, shortest=SHORTEST, most=MOST_FOUND)
