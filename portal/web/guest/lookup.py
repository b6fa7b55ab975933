"""The guest's way in, and the masked pages behind it."""

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.access.guest_lookup import look_up
from portal.core.clock import local_date
from portal.core.text import text
from portal.invoices.kinds import kind_name
from portal.reports.guest_program import GuestProgram, guest_programs
from portal.web.branding import render
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


@routes.route("/pay-a-policy", methods=["GET", "POST"])
@public
def lookup() -> ResponseReturnValue:
    """Policy number and ZIP; one answer to every mismatch."""
    form = LookupForm()
    asks_date = form.effective_date.data is not None or bool(form.effective_date.errors)
    if form.validate_on_submit():
        match = look_up(
            write_unit,
            agency(),
            form.policy_number.data or "",
            form.zip5,
            request.remote_addr or "127.0.0.1",
            services().now(),
            form.effective_date.data,
        )
        if match.program_ids:
            grant(match.program_ids)
            only = match.program_ids[0] if len(match.program_ids) == 1 else None
            page = url_for("guest.program", program_id=only) if only else url_for("guest.programs")
            return redirect_to(page)
        asks_date = asks_date or match.asks_effective_date
        if not match.asks_effective_date:
            form.form_errors = [NO_MATCH]
    page = "guest/_lookup.html" if is_htmx() else "guest/lookup.html"
    return render(page, form=form, asks_date=asks_date), 422 if form.is_submitted() else 200


@routes.get("/guest/programs")
@guest_only
def programs() -> ResponseReturnValue:
    """Which program, where the number leads to several."""
    found = _seen(granted())
    if not found:
        raise LookupOver
    return render("guest/programs.html", programs=found)


@routes.get("/guest/program/<int:program_id>")
@guest_only
def program(program_id: int) -> ResponseReturnValue:
    """A program, masked: its status, and what is open."""
    require(program_id)
    found = _seen((program_id,))
    if not found:
        raise LookupOver
    return render("guest/program.html", program=found[0], several=len(granted()) > 1, kind_name=kind_name)


@routes.post("/guest/leave")
@public
def leave() -> ResponseReturnValue:
    """Forget what was found, on a shared computer."""
    session.pop(GUEST, None)
    return redirect(url_for("guest.lookup"), 303)


def _seen(program_ids: tuple[int, ...]) -> list[GuestProgram]:
    today = local_date(services().now(), agency().time_zone)
    return guest_programs(read_unit(), program_ids, today)
