"""The loan of a program: its due dates for a calendar."""

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core.clock import local_date
from portal.core.errors import NotFound
from portal.core.money import format_money
from portal.documents.calendar import DueDate, calendar_file
from portal.reports.program import program_page
from portal.web.filters import say
from portal.web.guards import insured_only
from portal.web.insured.blueprint import routes
from portal.web.services import agency, services
from portal.web.units import read_unit


@routes.get("/programs/<int:program_id>/due-dates.ics")
@insured_only
def due_dates(program_id: int) -> ResponseReturnValue:
    """What of the loan is still to be paid, as a file for a calendar."""
    today = local_date(services().now(), agency().time_zone)
    loan = program_page(read_unit(), current_user.email, program_id, today).loan
    if loan is None:
        raise NotFound
    url = url_for("insured.program", program_id=program_id, _external=True)
    dates = [
        DueDate(
            f"{loan.number}-{step.due_date:%Y%m%d}",
            step.due_date,
            _(
                "%(what)s: %(amount)s to %(agency)s",
                what=say(step.title),
                amount=format_money(step.open_cents),
                agency=agency().name,
            ),
            url,
        )
        for step in loan.steps
        if step.open_cents
    ]
    return Response(
        calendar_file(dates, services().now()),
        mimetype="text/calendar",
        headers={"Content-Disposition": f'attachment; filename="due-dates-{loan.number}.ics"'},
    )
