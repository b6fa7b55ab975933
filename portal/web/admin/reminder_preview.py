"""Who would get what on a day, tomorrow at first: the list, the same as CSV, and each mail as it would read."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import and_
from werkzeug.datastructures import MultiDict
from wtforms import DateField, ValidationError
from wtforms.validators import InputRequired

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import BadInput
from portal.core.text import text
from portal.invoices.models import Invoice
from portal.notices.message import RenderedMail
from portal.notices.own_texts import in_own_words
from portal.notices.reminding import asking_message
from portal.payments.payable import Payable, payable_invoices
from portal.reports.coming import CSV_HEADER, Coming, coming, csv_rows
from portal.servicing.reminders.sequences import require_account
from portal.servicing.reminders.still_due import Account, addresses_of, asked_for, owner_of
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.csv_answer import csv_answer
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.list_address import row_id
from portal.web.services import agency, services
from portal.web.units import read_unit

MOST_SHOWN = 200
FARTHEST = timedelta(days=366)
NOT_BEFORE = text("Choose today, tomorrow or a later day.")
TOO_FAR = text("Choose a day within the next year.")


class DayForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Which day."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """It changes nothing."""

        csrf = False

    day = DateField(_l("Day"), [InputRequired(_l("Enter a day."))])

    def validate_day(self, field: DateField) -> None:
        """From today on, for a year."""
        if field.data is not None and field.data < _today():
            raise ValidationError(say(NOT_BEFORE))
        if field.data is not None and field.data > _today() + FARTHEST:
            raise ValidationError(say(TOO_FAR))


@routes.get("/reminders/preview")
@staff_only(Permission.SEE_REPORTS)
def reminder_preview() -> ResponseReturnValue:
    """The list; a long one begins on the page and goes on in the CSV."""
    form = _form()
    if not form.validate():
        return render("admin/reminders/preview.html", form=form, rows=None, most=MOST_SHOWN), 422
    return render("admin/reminders/preview.html", form=form, rows=_rows(form), most=MOST_SHOWN)


@routes.get("/reminders/preview.csv")
@staff_only(Permission.SEE_REPORTS)
def reminder_preview_csv() -> ResponseReturnValue:
    """The same for a spreadsheet."""
    form = _form()
    if not form.validate():
        return render("admin/reminders/preview.html", form=form, rows=None, most=MOST_SHOWN), 422
    rows = ([say(cell) if index in {1, 3} else cell for index, cell in enumerate(row)] for row in csv_rows(_rows(form)))
    return csv_answer(f"reminders-{agency().slug}-{form.day.data}", CSV_HEADER, rows)


@routes.get("/programs/<int:program_id>/reminders/preview")
@staff_only(Permission.SEE_REPORTS)
def program_reminder_preview(program_id: int) -> ResponseReturnValue:
    """A program's mail of a day as it would read, with the invoices that stand in the address."""
    return _mail(Account(program_id, None))


@routes.get("/one-time/<int:one_time_id>/reminders/preview")
@staff_only(Permission.SEE_REPORTS)
def one_time_reminder_preview(one_time_id: int) -> ResponseReturnValue:
    """The same of a one-time payment."""
    return _mail(Account(None, one_time_id))


def _mail(account: Account) -> ResponseReturnValue:
    form, session = _form(), read_unit()
    require_account(session, account)
    if not form.validate() or form.day.data is None:
        raise BadInput(NOT_BEFORE)
    day: date = form.day.data
    ids = request.args.getlist("invoice", type=row_id)
    asked = payable_invoices(session, and_(account.invoices, Invoice.id.in_(ids))) if ids else []
    invoices = [one for one in asked or asked_for(session, account, day) if not one.is_under_way]
    to = [address.email for address in addresses_of(session, [owner_of(session, account)])[account]]
    seen = _written(account, invoices, to[0] if to else "", day) if invoices else None
    return render("admin/reminders/mail.html", mail=seen, to=to, day=day)


def _written(account: Account, invoices: Sequence[Payable], email: str, day: date) -> RenderedMail:
    url_for = partial(services().links.url, agency())
    message = asking_message(read_unit(), agency(), account, invoices, email, day, url_for)
    return services().mail_pages.render(in_own_words(read_unit(), message))


def _rows(form: DayForm) -> list[Coming]:
    day: date | None = form.day.data
    assert day is not None  # it was validated
    return coming(read_unit(), day, _today(), agency().time_zone)


def _form() -> DayForm:
    tomorrow = _today() + timedelta(days=1)
    return DayForm(MultiDict({"day": tomorrow.isoformat(), **request.args.to_dict()}))


def _today() -> date:
    return local_date(services().now(), agency().time_zone)
