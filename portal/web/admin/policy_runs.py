"""What the jobs have done at BindHQ."""

from flask import request
from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.reports.staff_policy_runs import KINDS, runs_page
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.guards import staff_only
from portal.web.list_address import row_id
from portal.web.services import services
from portal.web.units import read_unit


@routes.get("/settings/bindhq/runs")
@staff_only(Permission.MANAGE_AGENCY)
def policy_runs() -> ResponseReturnValue:
    """The latest runs, the newest first, page by page; of one kind by `?kind=`."""
    before = request.args.get("before", type=row_id)
    page = runs_page(read_unit(), request.args.get("kind", ""), before, services().now())
    return render("admin/bindhq/runs.html", page=page, kinds=KINDS, is_newest=before is None)
