"""The reports on a page with their range in the address, and as files."""

from datetime import date

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField
from wtforms.validators import Optional

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import BadInput, NotFound
from portal.reports.staff_report_list import BY_KEY, REPORTS, aging_buckets, payments_in_books
from portal.reports.staff_reports import Report, Span, csv_header, csv_rows, in_range, report_page
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.csv_answer import csv_answer
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.list_address import row_id, set_filters
from portal.web.services import agency, services
from portal.web.units import read_unit


class RangeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The range; it stands in the address."""

    class Meta:
        """Read from the address, so no token."""

        csrf = False

    first = DateField(_l("From"), [Optional()])
    last = DateField(_l("Until"), [Optional()])


@routes.get("/reports")
@staff_only(Permission.SEE_REPORTS)
def reports() -> ResponseReturnValue:
    """Every report."""
    found = [(report.words, report.note, url_for("admin.report", report_key=report.key)) for report in REPORTS]
    return render("admin/reports/all.html", reports=found)


@routes.get("/reports/<report_key>")
@staff_only(Permission.SEE_REPORTS)
def report(report_key: str) -> ResponseReturnValue:
    """A report; by default of this month so far."""
    found = _report(report_key)
    form, span = _span(found)
    if span is None:
        return render("admin/reports/show.html", report=found, form=form, page=None), 422
    unit = read_unit()
    filters = set_filters(form)
    page = report_page(unit, found, span, request.args.get("before", type=row_id))
    return render(
        "admin/reports/show.html",
        report=found,
        form=form,
        page=page,
        filters=filters,
        books_cents=payments_in_books(unit, span) if found.key == "payments" else None,
        buckets=aging_buckets(unit, span, _today()) if found.key == "aging" else [],
    )


@routes.get("/reports/<report_key>.csv")
@staff_only(Permission.SEE_REPORTS)
def report_csv(report_key: str) -> ResponseReturnValue:
    """All rows of the range, for a spreadsheet."""
    found = _report(report_key)
    form, span = _span(found)
    if span is None:
        return render("admin/reports/show.html", report=found, form=form, page=None), 422
    name = f"{found.key}-{agency().slug}-{span.first or 'all'}-{span.last or _today()}"
    return csv_answer(name, csv_header(found), csv_rows(read_unit(), found, span))


def _report(key: str) -> Report:
    """The report of this name.

    Raises:
        NotFound: there is none.
    """
    if key not in BY_KEY:
        raise NotFound
    return BY_KEY[key]


def _span(report: Report) -> tuple[RangeForm, Span | None]:
    """The form, and its range; None if it is none, which the form says then."""
    today = _today()
    usual = {} if report.is_of_all_days else {"first": today.replace(day=1).isoformat(), "last": today.isoformat()}
    form = RangeForm(MultiDict(usual | request.args.to_dict()))
    if not form.validate():
        return form, None
    span = Span(form.first.data, form.last.data, agency().time_zone)
    try:
        in_range(report.at, span)
    except BadInput as error:
        form.form_errors.append(say(error.message))
        return form, None
    return form, span


def _today() -> date:
    return local_date(services().now(), agency().time_zone)
