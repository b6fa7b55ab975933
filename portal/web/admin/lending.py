"""What the agency lends on, with an example while one types, and what each state allows."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.text import text
from portal.financing.example import try_plans
from portal.financing.stamp_tax import StampTax
from portal.financing.terms import agency_terms, set_terms
from portal.reference.finance_rules import finance_rule, finance_rules
from portal.reports.staff_state_caps import cap_words
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.lending_forms import ExampleForm, TermsForm, plan_words, rate_words, stored_terms
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import is_htmx, redirect_to
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

SAVED = text("Saved. It holds for agreements that are signed from now on.")
EXAMPLE = {"premium": "5,000.00", "state": "NY"}


@routes.get("/financing")
@staff_only(Permission.MANAGE_TERMS)
def lending() -> ResponseReturnValue:
    """The page; with other values in its address, what these would come to: nothing is stored."""
    is_tried = "note_rate" in request.args
    form = TermsForm(request.args if is_tried else stored_terms(agency_terms(read_unit())), meta={"csrf": False})
    if is_tried:
        form.validate()
    return _page(form)


@routes.post("/financing")
@staff_only(Permission.MANAGE_TERMS)
def save_lending() -> ResponseReturnValue:
    """Store the agency's terms."""
    form = TermsForm()
    if not form.validate_on_submit():
        return _page(form, 422)
    draft = form.draft
    with write_unit() as session:
        set_terms(session, draft, None, actor(), services().now())
    flash(say(SAVED), "ok")
    return redirect_to(url_for("admin.lending"))


def _page(form: TermsForm, status: int = 200) -> ResponseReturnValue:
    """The page, or its example alone while one types."""
    wished = {name: value for name, value in request.values.items() if name in EXAMPLE}
    own = {"state": agency().state} if agency().state else {}
    example = ExampleForm(MultiDict(EXAMPLE | own | wished), meta={"csrf": False})
    rule = finance_rule(example.state.data)
    values = {
        "form": form,
        "example": example,
        "rule": rule,
        "tax": StampTax(rule.stamp_tax_per_100_cents, rule.stamp_tax_most_cents),
        "tried": _tried(form, example),
        "plan_words": plan_words,
        "rate_words": rate_words,
        "cap_words": cap_words,
    }
    if is_htmx() and request.method == "GET":
        return render("admin/lending/_example.html", **values)
    return render("admin/lending/show.html", rules=finance_rules(), **values), status


def _tried(form: TermsForm, example: ExampleForm) -> object:
    """Every plan tried; None while the form or the example has errors."""
    if not example.validate() or form.errors:
        return None
    today = local_date(services().now(), agency().time_zone)
    return try_plans(example.premium_cents, form.lending, finance_rule(example.state.data), today)
