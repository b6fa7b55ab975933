"""Payment methods of an insured: what is saved, which is used first, removing one."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.access.visible import sight_of
from portal.core.audit import Actor
from portal.core.clock import local_date
from portal.core.errors import Conflict, NotFound
from portal.core.text import text
from portal.payments.methods.saved import make_default, own_method, remove
from portal.reports.saved_methods import SavedMethod, saved_method, saved_methods
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import insured_only
from portal.web.htmx import redirect_to
from portal.web.insured.blueprint import routes
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

DEFAULT_SET = text("We offer it first from now on.")
REMOVED = text("The payment method is removed.")


@routes.get("/payment-methods")
@insured_only
def methods() -> ResponseReturnValue:
    """Everything that is saved under this address."""
    require_insured()
    today = local_date(services().now(), agency().time_zone)
    methods = saved_methods(read_unit(), current_user.email, today)
    return render("insured/methods/list.html", methods=methods, takes_banks=agency().takes_bank_debits)


@routes.post("/payment-methods/<int:method_id>/default")
@insured_only
def default_method(method_id: int) -> ResponseReturnValue:
    """Offer this one first."""
    with write_unit() as unit:
        make_default(unit, own_method(unit, current_user.email, method_id), actor(), services().now())
    flash(say(DEFAULT_SET), "ok")
    return redirect_to(url_for("insured.methods"))


@routes.get("/payment-methods/<int:method_id>/remove")
@insured_only
def ask_to_remove(method_id: int) -> ResponseReturnValue:
    """Say what follows, before it is done."""
    method = own(method_id)
    if method.state == "removed":
        return redirect_to(url_for("insured.methods"))
    return render("insured/methods/remove.html", method=method)


@routes.post("/payment-methods/<int:method_id>/remove")
@insured_only
def remove_method(method_id: int) -> ResponseReturnValue:
    """Remove it."""
    try:
        with write_unit() as unit:
            remove(unit, own_method(unit, current_user.email, method_id), actor(), services().now())
    except Conflict as error:
        return render("insured/methods/remove.html", method=own(method_id), problem=error.message), 409
    flash(say(REMOVED), "ok")
    return redirect_to(url_for("insured.methods"))


def require_insured() -> None:
    """Methods are for whoever has something to pay here; staff without policies of their own have none.

    Raises:
        NotFound: this address is no insured's.
    """
    if not sight_of(read_unit(), current_user.email):
        raise NotFound


def own(method_id: int) -> SavedMethod:
    """One's own method.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    today = local_date(services().now(), agency().time_zone)
    return saved_method(read_unit(), current_user.email, method_id, today)


def actor() -> Actor:
    """Who acts, for the audit."""
    return Actor("insured", current_user.email, request.remote_addr or "")
