"""A partner's commissions: what is earned, what was paid out with its deductions, and all of it as a file."""

from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.core.clock import local_date
from portal.reports.partner_commissions import CSV_HEADER, check_own_payout, csv_rows, partner_commissions
from portal.statements.remittances import remittance
from portal.web.branding import render
from portal.web.csv_answer import csv_answer
from portal.web.guards import current_seat, partner_only
from portal.web.language import current_locale
from portal.web.partner.blueprint import routes
from portal.web.pdf_answer import pdf_answer
from portal.web.services import agency, services
from portal.web.units import read_unit


@routes.get("/commissions")
@partner_only()
def commissions() -> ResponseReturnValue:
    """What goes out next, the payouts, and the newest commissions."""
    today = local_date(services().now(), agency().time_zone)
    return render(
        "partner/commissions/list.html", page=partner_commissions(read_unit(), current_seat().partner_id, today)
    )


@routes.get("/commissions.csv")
@partner_only()
def commissions_csv() -> Response:
    """All of them for a spreadsheet."""
    rows = csv_rows(read_unit(), current_seat().partner_id)
    return csv_answer(f"commissions-{agency().slug}", CSV_HEADER, rows)


@routes.get("/commissions/payouts/<int:partner_payout_id>")
@partner_only()
def payout(partner_payout_id: int) -> ResponseReturnValue:
    """One payout: each policy, and what was taken back."""
    session = read_unit()
    check_own_payout(session, current_seat().partner_id, partner_payout_id)
    said = remittance(session, agency(), partner_payout_id, current_locale())
    return render("partner/commissions/payout.html", payout=said, payout_id=partner_payout_id)


@routes.get("/commissions/payouts/<int:partner_payout_id>.pdf")
@partner_only()
def payout_pdf(partner_payout_id: int) -> Response:
    """The same on paper."""
    session = read_unit()
    check_own_payout(session, current_seat().partner_id, partner_payout_id)
    said = remittance(session, agency(), partner_payout_id, current_locale())
    return pdf_answer(said, said.filename)
