"""What paying costs and who bears it, with examples while one types; whether invoices are taken in parts."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.access.permissions import Permission
from portal.agencies.fee_settings import set_fees
from portal.agencies.models import Agency
from portal.agencies.part_settings import parts_of, set_parts
from portal.core.audit import record
from portal.core.money import plain_money
from portal.core.tenancy import writing_global
from portal.core.text import text
from portal.reference.state_rules import fee_rule, fee_rules
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.fee_forms import FeesForm, PartsForm, percent_words
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import is_htmx, redirect_to
from portal.web.services import agency, services
from portal.web.units import close_read_unit, write_unit

SAVED = text("Saved. It holds for payments that are chosen from now on.")
EXAMPLES_CENTS = (50_00, 250_00, 1_000_00, 5_000_00, 20_000_00)


@routes.get("/fees")
@staff_only(Permission.MANAGE_TERMS)
def fees() -> ResponseReturnValue:
    """The page; with other values in its address, what these would come to: nothing is stored."""
    wished = {name: value for name, value in request.args.items() if name in FeesForm.NAMES}
    form = FeesForm(MultiDict(_stored_fees() | wished), meta={"csrf": False})
    if wished:
        form.validate()
    return _page(form, _parts_form())


@routes.post("/fees")
@staff_only(Permission.MANAGE_TERMS)
def save_fees() -> ResponseReturnValue:
    """Store what paying costs."""
    form = FeesForm()
    if not form.validate_on_submit():
        return _page(form, _parts_form(), 422)
    wished, agency_id = form.fees, agency().id
    close_read_unit()
    with writing_global(services().engine) as session:
        set_fees(session, agency_id, wished)
    services().directory.forget()
    with write_unit() as scoped:
        record(
            scoped,
            actor(),
            "fees.set",
            "agency",
            agency_id,
            services().now(),
            is_passed_on=wished.is_passed_on,
            card_basis_points=wished.card_basis_points,
            card_fixed_cents=wished.card_fixed_cents,
            bank_cents=wished.bank_cents,
        )
    flash(say(SAVED), "ok")
    return redirect_to(url_for("admin.fees"))


@routes.post("/part-payments")
@staff_only(Permission.MANAGE_TERMS)
def save_parts() -> ResponseReturnValue:
    """Store whether invoices are taken in parts."""
    form = PartsForm()
    if not form.validate_on_submit():
        return _page(FeesForm(MultiDict(_stored_fees()), meta={"csrf": False}), form, 422)
    wished, agency_id = form.parts, agency().id
    close_read_unit()
    with writing_global(services().engine) as session:
        set_parts(session, agency_id, wished)
    services().directory.forget()
    with write_unit() as scoped:
        record(
            scoped,
            actor(),
            "part_payments.set",
            "agency",
            agency_id,
            services().now(),
            are_taken=wished.are_taken,
            least=str(wished.least),
            most=str(wished.most),
        )
    flash(say(SAVED), "ok")
    return redirect_to(url_for("admin.fees"))


def _stored_fees() -> dict[str, str]:
    stored: Agency = agency()
    return {
        "bearer": "payer" if stored.fee_is_passed_on else "agency",
        "card_percent": percent_words(stored.card_fee_basis_points),
        "card_fixed": plain_money(stored.card_fee_fixed_cents),
        "bank": plain_money(stored.bank_fee_cents),
    }


def _parts_form() -> PartsForm:
    stored = parts_of(agency())
    taken = [("taken", "y")] if stored.are_taken else []
    values = [*taken, ("least", str(stored.least)), ("most", str(stored.most))]
    return PartsForm(MultiDict(values), meta={"csrf": False})


def _page(form: FeesForm, parts_form: PartsForm, status: int = 200) -> ResponseReturnValue:
    """The page, or its examples alone while one types."""
    own = fee_rule(agency().state)
    values = {"form": form, "own": own, "rows": form.examples(agency().state, EXAMPLES_CENTS)}
    if is_htmx() and request.method == "GET":
        return render("admin/fees/_examples.html", **values)
    rules = fee_rules()
    shown = render("admin/fees/show.html", parts_form=parts_form, rules=rules, agency_state=agency().state, **values)
    return shown, status
