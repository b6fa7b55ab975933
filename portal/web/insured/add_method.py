"""Adding a payment method without paying: the processor's own fields, the bank's question, what came of it."""

import secrets
from contextlib import suppress

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from portal.core.errors import NotFound, TooMany
from portal.core.text import Text, text
from portal.payments.gateway import GatewayError
from portal.payments.method_kinds import allowed_kinds, charged_as
from portal.payments.methods.adding import NewMethod, add
from portal.payments.methods.applying import apply_setup, stop_setup
from portal.payments.methods.models import MethodSetup
from portal.payments.till import Till
from portal.reference.failures import failure_message
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import insured_only
from portal.web.headers import allow_processor
from portal.web.htmx import is_htmx, redirect_to
from portal.web.insured.blueprint import routes
from portal.web.insured.methods import require_insured
from portal.web.language import current_locale
from portal.web.list_address import row_id
from portal.web.paying.card_tries import limited
from portal.web.paying.till import PaymentsOff, open_till, processor_keys
from portal.web.services import agency, services
from portal.web.units import read_unit

PLACE = "setup-token"
ADDED = text("The payment method is added.")
NO_SCRIPT = text("Adding a payment method needs JavaScript in your browser.")
NOT_ASKED = text("We could not reach the card processor. Nothing was added. Please try again in a minute.")
CARDS_ONLY = text("We take cards only. Nothing was added. Please enter a card.")
GIVEN_UP = text("Nothing was added. Please enter it again.")


@routes.get("/payment-methods/new")
@insured_only
def new_method() -> ResponseReturnValue:
    """The page with the processor's fields."""
    require_insured()
    return _page()


@routes.post("/payment-methods/new")
@insured_only
def add_method() -> ResponseReturnValue:
    """Keep what the fields made of it; once, however often the button is pressed."""
    require_insured()
    token, request_key = (request.form.get(name, "") for name in ("confirmation_token", "request_key"))
    if not token or not request_key:
        return _problem(NO_SCRIPT)
    new = NewMethod(
        request_key=f"{current_user.email}:{request_key}",
        owner_email=current_user.email,
        locale=current_locale(),
        confirmation_token=token,
        return_url=_added_url(PLACE, _external=True).replace(PLACE, "{token}"),
        kinds=_kinds(),
    )
    till = open_till()
    if not _is_taken(till, new):
        return _problem(CARDS_ONLY)
    try:
        return _answer(limited(lambda: add(till, new)))
    except TooMany as error:
        return _problem(error.message)
    except GatewayError:
        return _problem(NOT_ASKED)


@routes.get("/payment-methods/added/<setup_token>")
@insured_only
def added_method(setup_token: str) -> ResponseReturnValue:
    """Where a bank's own page leads back to, and where to wait for an answer that is late."""
    setup = _apply(_own(setup_token))
    if setup.state in {"succeeded", "verifying", "failed", "canceled"}:
        return _answer(setup)
    if setup.state == "action_required":
        allow_processor()
    script = services().processor.script
    return render("insured/methods/waiting.html", setup=setup, script=script, program_id=_program_id())


@routes.post("/payment-methods/added/<setup_token>/refresh")
@insured_only
def refresh_setup(setup_token: str) -> ResponseReturnValue:
    """The bank's question is answered, or is to be asked: read what the processor says."""
    return _answer(_apply(_own(setup_token)))


@routes.post("/payment-methods/added/<setup_token>/stop")
@insured_only
def stop_adding(setup_token: str) -> ResponseReturnValue:
    """Give up an attempt that waits for the bank's question."""
    setup = _own(setup_token)
    if setup.state == "action_required":
        with suppress(GatewayError, PaymentsOff):  # nothing changed; the reconciler gives it up later
            stop_setup(open_till(), setup)
    return redirect_to(url_for("insured.methods"))


def _kinds() -> tuple[str, ...]:
    """What this agency takes."""
    return allowed_kinds(agency().takes_bank_debits)


def _is_taken(till: Till, new: NewMethod) -> bool:
    """Whether the agency takes what was entered; asked only where it refuses bank accounts."""
    if agency().takes_bank_debits:
        return True
    try:
        return charged_as(till.gateway.preview(new.confirmation_token).kind) in new.kinds
    except GatewayError:  # spent by the first press of the button, perhaps; adding says what it is
        return True


def _own(setup_token: str) -> MethodSetup:
    query = select(MethodSetup).where(MethodSetup.token == setup_token, MethodSetup.owner_email == current_user.email)
    setup = read_unit().scalars(query).one_or_none()
    if setup is None:
        raise NotFound
    return setup


def _apply(setup: MethodSetup) -> MethodSetup:
    try:
        return apply_setup(open_till(), setup.id)
    except (GatewayError, PaymentsOff):
        return setup


def _answer(setup: MethodSetup) -> ResponseReturnValue:
    """What the owner sees of an attempt's present state, as the page's next fragment or page."""
    if setup.state == "failed":
        return _problem(failure_message("card", setup.error_code))
    if setup.state == "canceled":
        return _problem(GIVEN_UP)
    if setup.state == "verifying":
        return redirect_to(url_for("insured.verify_method", method_id=setup.payment_method_id))
    if setup.state == "succeeded":
        flash(say(ADDED), "ok")
        return redirect_to(_back_url(setup))
    if setup.state == "action_required" and setup.intent_id is not None and is_htmx():
        with suppress(GatewayError, PaymentsOff):
            seen = open_till().gateway.retrieve_setup(setup.intent_id)
            key = processor_keys().publishable_key
            secret = seen.client_secret
            seen_by = {"setup": setup, "client_secret": secret, "publishable_key": key, "program_id": _program_id()}
            return render("insured/methods/_action.html", **seen_by)
    return redirect_to(_added_url(setup.token))


def _program_id() -> int | None:
    """Whose autopay the method is to pay, for whoever has come from there; it leads back, and no more."""
    return request.args.get("program", type=row_id)


def _added_url(setup_token: str, **more: bool) -> str:
    return url_for("insured.added_method", setup_token=setup_token, program=_program_id(), **more)  # type: ignore[arg-type]


def _back_url(setup: MethodSetup) -> str:
    """Where to go on: with autopay, the new method chosen, or at the list."""
    program_id = _program_id()
    if program_id is None:
        return url_for("insured.methods")
    return url_for("insured.autopay", program_id=program_id, method=setup.payment_method_id)


def _problem(message: Text) -> ResponseReturnValue:
    if is_htmx():
        return render("insured/methods/_problem.html", message=message), 422
    return _page(message, 422)


def _page(problem: Text | None = None, status: int = 200) -> ResponseReturnValue:
    allow_processor()
    page = render(
        "insured/methods/new.html",
        problem=problem,
        request_key=secrets.token_urlsafe(18),
        publishable_key=processor_keys().publishable_key,
        script=services().processor.script,
        kinds=_kinds(),
        program_id=_program_id(),
    )
    return page, status
