"""The list of programs: a search, filters that stand in the address, pages, and what is looked for every day."""

from datetime import date
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField, SelectField, StringField
from wtforms.validators import Length, Optional

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.text import Text, text
from portal.reports.one_time import search_one_time
from portal.reports.staff_imports import incomplete_quotes
from portal.reports.staff_partners import partner_choices
from portal.reports.staff_programs import ALL, ORDERS, ProgramFilter, program_page
from portal.reports.word_search import SHORTEST
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.guards import staff_only
from portal.web.list_address import row_id, set_filters
from portal.web.services import agency, services
from portal.web.statuses import LOOKS
from portal.web.units import read_unit

STATUSES = (
    "payment_due", "overdue", "pending_cancelation", "processing", "endorsement_due", "reinstatement_due", "active",
    "incomplete", "completed", "canceled", "archived",
)  # fmt: skip
SHOW: list[Any] = [
    ("", text("All but archived")),
    *((status, LOOKS[status].label) for status in STATUSES),
    (ALL, text("All, archived too")),
]
BILLING: list[Any] = [
    ("", text("Any")),
    ("direct_bill", text("Direct bill")),
    ("agency_bill", text("Agency bill")),
]
ENDS: list[Any] = [
    ("", text("Any day")),
    *((str(days), text("Within %(days)s days", days=days)) for days in (30, 60, 90)),
]
ORDER: list[Any] = [*ORDERS.items()]
PRESETS: tuple[tuple[Text, dict[str, str]], ...] = (
    (text("All"), {}),
    (text("Payment due"), {"status": "payment_due", "order": "earliest"}),
    (text("Overdue"), {"status": "overdue", "order": "earliest"}),
    (text("Pending cancelation"), {"status": "pending_cancelation"}),
    (text("Incomplete"), {"status": "incomplete"}),
    (text("To renew"), {"ends": "90", "order": "earliest"}),
    (text("Archived"), {"status": "archived"}),
)
"""What is looked for every day, with its filters."""


def _partners() -> list[Any]:
    """Every partner, archived ones too."""
    known = [(str(partner_id), name) for partner_id, name in partner_choices(read_unit(), is_archived_too=True)]
    return [("", text("Any")), *known]


class ProgramsForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The filters of the list of programs."""

    class Meta:
        """Read from the address, so no token."""

        csrf = False

    status = SelectField(_l("Status"), choices=SHOW, default="")
    billing = SelectField(_l("Billing"), choices=BILLING, default="")
    partner = SelectField(_l("Partner"), choices=_partners, default="")
    person = StringField(_l("Looked after by"), [Length(max=100)])
    first = DateField(_l("Due from"), [Optional()])
    last = DateField(_l("Due until"), [Optional()])
    ends = SelectField(_l("A policy expires"), choices=ENDS, default="")
    order = SelectField(_l("Order"), choices=ORDER, default="newest")

    def filter(self, given: MultiDict[str, str]) -> ProgramFilter:
        """What is wanted, once the form is valid.

        Args:
            given: what the form was made of; the search and the place in the list stand there too.
        """
        return ProgramFilter(
            words=given.get("q", "")[:100].strip(),
            status=self.status.data,
            billing_type=self.billing.data,
            partner_id=int(self.partner.data) if self.partner.data else None,
            person=(self.person.data or "").strip(),
            first=self.first.data,
            last=self.last.data,
            ends_within=int(self.ends.data) if self.ends.data else None,
            order=self.order.data,
            after=_place(given.get("after", ""), self.order.data),
        )


@routes.get("/programs")
@routes.get("/search", endpoint="search")
@staff_only(Permission.VIEW)
def programs() -> ResponseReturnValue:
    """Programs by insured, e-mail address, policy, invoice or reference, by status, days and people."""
    form, typed = ProgramsForm(request.args), request.args.get("q", "")[:100].strip()
    common: dict[str, Any] = {"form": form, "typed": typed, "shortest": SHORTEST, "presets": PRESETS}
    filters = set_filters(form, "q")
    if not form.validate():
        common["incomplete"] = None
        return render("admin/programs/list.html", page=None, one_time=[], older=None, filters=filters, **common), 422
    common["incomplete"] = incomplete_quotes(read_unit())
    page = program_page(read_unit(), form.filter(request.args), today())
    one_time = search_one_time(read_unit(), typed, today()) if typed and "after" not in request.args else []
    older = {**filters, "after": f"{page.after[1]}.{page.after[0]}"} if page.after else None
    return render("admin/programs/list.html", page=page, one_time=one_time, older=older, filters=filters, **common)


def _place(mark: str, order: str) -> tuple[str, int] | None:
    """With what the page before ended; None where the address does not say it."""
    number, _, value = mark.partition(".")
    if not value:
        return None
    try:
        if order in {"earliest", "latest"}:
            date.fromisoformat(value)
        return value, row_id(number)
    except ValueError:
        return None


def today() -> date:
    """The day at the agency."""
    return local_date(services().now(), agency().time_zone)
