"""Payouts from the processor to the agency's bank: the list, one with its payments, and that as CSV."""

from flask import request
from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.reports.staff_payouts import CSV_HEADER, csv_rows, payout_page
from portal.reports.staff_payouts import payouts as read_payouts
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.csv_answer import csv_answer
from portal.web.guards import staff_only
from portal.web.list_address import row_id
from portal.web.services import agency
from portal.web.units import read_unit


@routes.get("/payouts")
@staff_only(Permission.SEE_REPORTS)
def payouts() -> ResponseReturnValue:
    """All of them, the newest first, page by page."""
    before = request.args.get("before", type=row_id)
    rows, older = read_payouts(read_unit(), before)
    return render("admin/payouts/list.html", payouts=rows, older=older, is_newest=before is None)


@routes.get("/payouts/<int:payout_id>")
@staff_only(Permission.SEE_REPORTS)
def payout(payout_id: int) -> ResponseReturnValue:
    """One payout with the payments, refunds and fees in it."""
    return render("admin/payouts/show.html", page=payout_page(read_unit(), payout_id))


@routes.get("/payouts/<int:payout_id>.csv")
@staff_only(Permission.SEE_REPORTS)
def payout_csv(payout_id: int) -> ResponseReturnValue:
    """The same for a spreadsheet."""
    page = payout_page(read_unit(), payout_id)
    name = f"payout-{agency().slug}-{page.payout.arrives_on}-{page.payout.number}"
    return csv_answer(name, CSV_HEADER, csv_rows(page))
