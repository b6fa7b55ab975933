"""The trial balance of the agency's books, on a page and as CSV."""

from datetime import date

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField
from wtforms.validators import InputRequired

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import BadInput
from portal.reports.trial_balance import CSV_HEADER, TrialBalance, csv_rows
from portal.reports.trial_balance import trial_balance as read_trial_balance
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.csv_answer import csv_answer
from portal.web.guards import staff_only
from portal.web.services import agency, services
from portal.web.units import read_unit


class PeriodForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The period; it stands in the address."""

    class Meta:
        """Read from the address, so no token."""

        csrf = False

    first = DateField(_l("From"), [InputRequired(_l("Enter a day."))])
    last = DateField(_l("Until"), [InputRequired(_l("Enter a day."))])


@routes.get("/trial-balance")
@staff_only(Permission.SEE_REPORTS)
def trial_balance() -> ResponseReturnValue:
    """Each account with what stood there, moved and stands; by default of this month so far."""
    form = _period()
    balance = _balance(form)
    return render("admin/trial_balance.html", form=form, balance=balance), 200 if balance else 422


@routes.get("/trial-balance.csv")
@staff_only(Permission.SEE_REPORTS)
def trial_balance_csv() -> ResponseReturnValue:
    """The same for a spreadsheet."""
    form = _period()
    balance = _balance(form)
    if balance is None:
        return render("admin/trial_balance.html", form=form, balance=None), 422
    name = f"trial-balance-{agency().slug}-{balance.first}-{balance.last}"
    return csv_answer(name, CSV_HEADER, csv_rows(balance))


def _period() -> PeriodForm:
    today = local_date(services().now(), agency().time_zone)
    days = {"first": _month_begin(today).isoformat(), "last": today.isoformat(), **request.args.to_dict()}
    return PeriodForm(MultiDict(days))


def _balance(form: PeriodForm) -> TrialBalance | None:
    """The trial balance of a form's period; None if it is no period, which the form says then."""
    if not form.validate():
        return None
    assert form.first.data is not None
    assert form.last.data is not None
    try:
        return read_trial_balance(read_unit(), form.first.data, form.last.data)
    except BadInput as error:
        form.form_errors.append(error.message)
        return None


def _month_begin(day: date) -> date:
    return day.replace(day=1)
