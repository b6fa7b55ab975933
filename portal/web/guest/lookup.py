"""The guest's way in, and the masked pages behind it."""

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.access.guest_breaker import breaker_is_open
from portal.access.guest_lookup import ask_for_link, look_up
from portal.agencies.keys import lookup_key
from portal.core.clock import local_date
from portal.core.text import text
from portal.invoices.kinds import invoice_title
from portal.reports.guest_program import GuestProgram, guest_programs
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import GUEST, guest_only, public
from portal.web.guest.blueprint import routes
from portal.web.guest.capability import LookupOver, grant, granted, require
from portal.web.guest.lookup_form import LookupForm
from portal.web.htmx import is_htmx, redirect_to
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

NO_MATCH = text(
    "We could not find a policy with these details that can be paid here. "
    "Check the policy number and the ZIP code of the insured’s mailing address."
)
LINK_IS_SENT = text(
    "If the details match a policy, we have sent the payment link to the insured’s e-mail address. "
    "Ask the insured to pass it on to you."
)


@routes.route("/pay-a-policy", methods=["GET", "POST"])
@public
def lookup() -> ResponseReturnValue:
    """Policy number and ZIP; one answer to every mismatch."""
    form = LookupForm()
    asks_date = form.effective_date.data is not None or bool(form.effective_date.errors)
    asks_pin = breaker_is_open(read_unit(), services().now())
    if form.validate_on_submit():
        key = lookup_key(agency(), services().box)
        typed = form.policy_number.data or "", form.zip5, request.remote_addr or "127.0.0.1", services().now()
        if form.send.data:
            ask_for_link(write_unit, agency().id, key, *typed)
            flash(say(LINK_IS_SENT), "ok")
            return redirect_to(url_for("guest.lookup"))
        match = look_up(write_unit, agency(), key, *typed, form.effective_date.data, form.pin.data or "")
        if match.program_ids:
            grant(match.program_ids)
            found = granted()
            return redirect_to(
                url_for("guest.program", program_id=found[0]) if len(found) == 1 else url_for("guest.programs")
            )
        asks_date, asks_pin = asks_date or match.asks_effective_date, asks_pin or match.asks_pin
        if not match:
            form.form_errors = [NO_MATCH]
    page = "guest/_lookup.html" if is_htmx() else "guest/lookup.html"
    return render(page, form=form, asks_date=asks_date, asks_pin=asks_pin), 422 if form.is_submitted() else 200


@routes.get("/guest/programs")
@guest_only
def programs() -> ResponseReturnValue:
    """What was found: several terms of one number, or several policies looked up one by one."""
    found = _seen(granted())
    if not found:
        raise LookupOver
    return render("guest/programs.html", programs=found, invoice_title=invoice_title)


@routes.get("/guest/program/<int:program_id>")
@guest_only
def program(program_id: int) -> ResponseReturnValue:
    """A program, masked: its status, and what is open."""
    require(program_id)
    found = _seen((program_id,))
    if not found:
        raise LookupOver
    return render("guest/program.html", program=found[0], several=len(granted()) > 1, invoice_title=invoice_title)


@routes.post("/guest/leave")
@public
def leave() -> ResponseReturnValue:
    """Forget what was found, on a shared computer."""
    session.pop(GUEST, None)
    return redirect(url_for("guest.lookup"), 303)


def _seen(program_ids: tuple[int, ...]) -> list[GuestProgram]:
    today = local_date(services().now(), agency().time_zone)
    return guest_programs(read_unit(), program_ids, today)
