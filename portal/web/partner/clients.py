"""A retailer's clients on direct bill, who pay the agency themselves."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import Length

from portal.core.clock import local_date
from portal.reports.partner_clients import SHOW_WORDS, client_page
from portal.web.branding import render
from portal.web.guards import current_seat, partner_only
from portal.web.list_address import set_filters
from portal.web.partner.blueprint import routes
from portal.web.services import agency, services
from portal.web.units import read_unit

SHOW: list[Any] = [*SHOW_WORDS.items()]


class ClientsForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The filters of the list of clients."""

    class Meta:
        """Read from the address, so no token."""

        csrf = False

    q = StringField(_l("Client"), [Length(max=100)])
    show = SelectField(_l("Status"), choices=SHOW, default="all")


@routes.get("/clients")
@partner_only()
def clients() -> ResponseReturnValue:
    """By name, with status, due date and payment link."""
    form = ClientsForm(request.args)
    filters = set_filters(form)
    if not form.validate():
        return render("partner/clients.html", form=form, page=None, older=None, filters=filters), 422
    number, _, name = request.args.get("after", "").partition(".")
    after = (name, int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None
    today = local_date(services().now(), agency().time_zone)
    words, partner_id = (form.q.data or "").strip(), current_seat().partner_id
    page = client_page(read_unit(), partner_id, words, form.show.data, after, today)
    older = {**filters, "after": f"{page.after[1]}.{page.after[0]}"} if page.after else None
    return render("partner/clients.html", form=form, page=page, older=older, filters=filters)
