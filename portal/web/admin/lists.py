"""The lists of invoices and payments: filters that stand in the address, pages, and the same for a spreadsheet."""

from datetime import date
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField
from wtforms.validators import Optional

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.text import text
from portal.invoices.kinds import kind_name
from portal.reports import staff_invoices, staff_payments
from portal.reports.staff_invoices import LISTED_KINDS, InvoiceFilter, invoice_page
from portal.reports.staff_payments import METHODS, PaymentFilter, payment_page
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.csv_answer import csv_answer
from portal.web.guards import staff_only
from portal.web.list_address import row_id, set_filters
from portal.web.services import agency, services
from portal.web.units import read_unit

SHOW_INVOICES: list[Any] = [*staff_invoices.SHOW_WORDS.items()]
SHOW_PAYMENTS: list[Any] = [*staff_payments.SHOW_WORDS.items()]
ALL_KINDS: list[Any] = [("", text("All kinds")), *((kind, kind_name(kind)) for kind in LISTED_KINDS)]
ALL_METHODS: list[Any] = [("", text("Any")), *METHODS.items()]
ORDERS: list[Any] = [("earliest", text("Earliest due first")), ("latest", text("Latest due first"))]


class InvoicesForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The filters of the list of invoices."""

    class Meta:
        """Read from the address, so no token."""

        csrf = False

    show = SelectField(_l("Status"), choices=SHOW_INVOICES, default="unpaid")
    kind = SelectField(_l("Kind"), choices=ALL_KINDS, default="")
    first = DateField(_l("Due from"), [Optional()])
    last = DateField(_l("Due until"), [Optional()])
    order = SelectField(_l("Order"), choices=ORDERS, default="earliest")


class PaymentsForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The filters of the list of payments."""

    class Meta:
        """Read from the address, so no token."""

        csrf = False

    show = SelectField(_l("Status"), choices=SHOW_PAYMENTS, default="succeeded")
    method = SelectField(_l("Method"), choices=ALL_METHODS, default="")
    first = DateField(_l("From"), [Optional()])
    last = DateField(_l("Until"), [Optional()])


@routes.get("/invoices")
@staff_only(Permission.VIEW)
def invoices() -> ResponseReturnValue:
    """Invoices by status, kind and due date; by default what is not paid, the earliest due first."""
    form = InvoicesForm(request.args)
    if not form.validate():
        return render("admin/lists/invoices.html", form=form, page=None, older=None, filters={}), 422
    page = invoice_page(read_unit(), _invoice_filter(form), _today())
    filters = set_filters(form)
    older = {**filters, "after": f"{page.after[0].isoformat()}.{page.after[1]}"} if page.after else None
    return render("admin/lists/invoices.html", form=form, page=page, older=older, filters=filters)


@routes.get("/invoices.csv")
@staff_only(Permission.SEE_REPORTS)
def invoices_csv() -> ResponseReturnValue:
    """All invoices that fit, for a spreadsheet."""
    form = InvoicesForm(request.args)
    if not form.validate():
        return render("admin/lists/invoices.html", form=form, page=None, older=None, filters={}), 422
    rows = staff_invoices.csv_rows(read_unit(), _invoice_filter(form), _today())
    return csv_answer(f"invoices-{agency().slug}-{_today()}", staff_invoices.CSV_HEADER, rows)


@routes.get("/payments")
@staff_only(Permission.VIEW)
def payments() -> ResponseReturnValue:
    """Payments by what came of them, day and method; by default what was paid, the newest first."""
    form = PaymentsForm(request.args)
    if not form.validate():
        return render("admin/lists/payments.html", form=form, page=None, older=None, filters={}), 422
    page = payment_page(read_unit(), _payment_filter(form), agency().time_zone)
    filters = set_filters(form)
    older = {**filters, "before": page.before} if page.before else None
    return render("admin/lists/payments.html", form=form, page=page, older=older, filters=filters)


@routes.get("/payments.csv")
@staff_only(Permission.SEE_REPORTS)
def payments_csv() -> ResponseReturnValue:
    """All payments that fit, for a spreadsheet."""
    form = PaymentsForm(request.args)
    if not form.validate():
        return render("admin/lists/payments.html", form=form, page=None, older=None, filters={}), 422
    rows = staff_payments.csv_rows(read_unit(), _payment_filter(form), agency().time_zone)
    return csv_answer(f"payments-{agency().slug}-{_today()}", staff_payments.CSV_HEADER, rows)


def _invoice_filter(form: InvoicesForm) -> InvoiceFilter:
    day, _, number = request.args.get("after", "").partition(".")
    try:
        after = (date.fromisoformat(day), row_id(number)) if number else None
    except ValueError:
        after = None
    return InvoiceFilter(
        form.show.data, form.kind.data, form.first.data, form.last.data, form.order.data == "latest", after
    )


def _payment_filter(form: PaymentsForm) -> PaymentFilter:
    before = request.args.get("before", type=row_id)
    return PaymentFilter(form.show.data, form.method.data, form.first.data, form.last.data, before)


def _today() -> date:
    return local_date(services().now(), agency().time_zone)
