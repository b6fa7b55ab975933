"""Passkeys over the wire: the browser asks what to sign, and posts the answer like any other form."""

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.access.passkeys import Site, add_passkey, ask_to_register, ask_to_sign, use_passkey
from portal.core.errors import NotAllowed
from portal.core.text import text
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.enrol import enrolled, is_first, must_show_first
from portal.web.admin.second_factor import ask, factor_try, let_in
from portal.web.admin.second_factor_forms import AppCodeForm
from portal.web.browser_names import browser_name
from portal.web.filters import say
from portal.web.guards import current_staff, staff_entering
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import write_unit

WRONG = text("That passkey did not work here. Try again, or use another way.")
NOT_MADE = text("The passkey could not be kept. It may be known already, or five minutes have passed. Try again.")


@routes.post("/second-factor/passkey/options")
@staff_entering
def passkey_options() -> ResponseReturnValue:
    """What a passkey is to sign, as JSON."""
    with write_unit() as unit:
        options = ask_to_sign(unit, current_user.session_id, current_staff(), _site(), services().now())
    return Response(options, mimetype="application/json")


@routes.post("/second-factor/passkey")
@staff_entering
def use_passkey_route() -> ResponseReturnValue:
    """A passkey has signed."""
    typed = request.form.get("typed", "")
    if use_passkey(factor_try(), current_user.session_id, _site(), request.form.get("credential", "")):
        return let_in(request.form.get("next"), typed)
    flash(say(WRONG), "bad")
    if typed:
        return ask(AppCodeForm(formdata=None, next=request.form.get("next"), typed=typed), 422)
    return redirect_to(url_for("admin.second_factor", next=request.form.get("next")))


@routes.post("/second-factor/passkey/new/options")
@staff_entering
def new_passkey_options() -> ResponseReturnValue:
    """What the browser needs to make a passkey, as JSON."""
    if must_show_first():
        raise NotAllowed
    with write_unit() as unit:
        options = ask_to_register(unit, current_user.session_id, current_staff(), _site(), services().now())
    return Response(options, mimetype="application/json")


@routes.post("/second-factor/passkey/new")
@staff_entering
def add_passkey_route() -> ResponseReturnValue:
    """The browser has made a passkey."""
    if must_show_first():
        raise NotAllowed
    was_first, next_page = is_first(), request.form.get("next")
    name = say(browser_name(request.user_agent.string))
    with write_unit() as unit:
        added = add_passkey(
            unit,
            current_user.session_id,
            current_staff(),
            _site(),
            request.form.get("credential", ""),
            name,
            actor(),
            services().now(),
        )
    if added:
        return enrolled(was_first, next_page)
    flash(say(NOT_MADE), "bad")
    return redirect_to(url_for("admin.enrol", next=next_page))


def _site() -> Site:
    """This portal as the browser knows it; the host is one of ours (tenancy.py)."""
    return Site(request.host.partition(":")[0], f"{request.scheme}://{request.host}", agency().name)
