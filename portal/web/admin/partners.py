"""The agency's partners: the list with its filters, and adding one."""

from datetime import date
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import Length

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.text import text
from portal.partners.accounts import create_partner
from portal.reports import staff_partners
from portal.reports.staff_partners import KIND_WORDS, SHOW_WORDS, PartnerFilter, partner_page
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.partner_form import PartnerForm
from portal.web.branding import render
from portal.web.csv_answer import csv_answer
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.list_address import set_filters
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

ADDED = text("The partner is added. The welcome e-mail is on its way to the contact.")
KINDS: list[Any] = [("", text("Any")), *KIND_WORDS.items()]
BILLING: list[Any] = [("", text("Any")), ("agency_bill", text("Agency bill")), ("direct_bill", text("Direct bill"))]
SHOW: list[Any] = [*SHOW_WORDS.items()]


class PartnersForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The filters of the list of partners."""

    class Meta:
        """Read from the address, so no token."""

        csrf = False

    q = StringField(_l("Name or a user’s e-mail address"), [Length(max=100)])
    kind = SelectField(_l("Kind"), choices=KINDS, default="")
    billing = SelectField(_l("Billing"), choices=BILLING, default="")
    show = SelectField(_l("Status"), choices=SHOW, default="open")

    def filter(self) -> PartnerFilter:
        """What is wanted, once the form is valid."""
        number, _, name = request.args.get("after", "").partition(".")
        after = (name, int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None
        return PartnerFilter((self.q.data or "").strip(), self.kind.data, self.billing.data, self.show.data, after)


@routes.get("/partners")
@staff_only(Permission.VIEW)
def partners() -> ResponseReturnValue:
    """By name, with what each owes; by default those in use."""
    form = PartnersForm(request.args)
    if not form.validate():
        return render("admin/partners/list.html", form=form, page=None, older=None, filters={}), 422
    page = partner_page(read_unit(), form.filter(), _today())
    filters = set_filters(form)
    older = {**filters, "after": f"{page.after[1]}.{page.after[0]}"} if page.after else None
    return render("admin/partners/list.html", form=form, page=page, older=older, filters=filters)


@routes.get("/partners.csv")
@staff_only(Permission.SEE_REPORTS)
def partners_csv() -> ResponseReturnValue:
    """All that fit, for a spreadsheet."""
    form = PartnersForm(request.args)
    if not form.validate():
        return render("admin/partners/list.html", form=form, page=None, older=None, filters={}), 422
    rows = staff_partners.csv_rows(read_unit(), form.filter(), _today())
    return csv_answer(f"partners-{agency().slug}-{_today()}", staff_partners.CSV_HEADER, rows)


@routes.route("/partners/new", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PARTNERS)
def new_partner() -> ResponseReturnValue:
    """Add one; its contact is mailed how to come in."""
    form = PartnerForm()
    if form.holds():
        with write_unit() as unit:
            partner_id = create_partner(unit, form.draft(), actor(), services().now()).id
        flash(say(ADDED), "ok")
        return redirect_to(url_for("admin.partner", partner_id=partner_id))
    return render("admin/partners/new.html", form=form), 422 if form.errors else 200


def _today() -> date:
    return local_date(services().now(), agency().time_zone)
