"""The second factor asked for: on the way in, and again before what is dangerous.

Whoever has typed for longer than the factor is good for loses nothing: it is carried through the page that asks
(`typed`), and sent from the next one with a press. A file is named, a secret asked for again: neither is carried.
"""

from urllib.parse import parse_qsl, urlencode

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError

from portal.access.factor_tries import FactorTry
from portal.access.recovery_codes import recovery_codes_left, use_recovery_code
from portal.access.second_factor import factors_of, use_app
from portal.access.sessions import raise_session
from portal.core.text import text
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.second_factor_forms import AppCodeForm, RecoveryCodeForm
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import FactorIsOld, current_staff, staff_entering
from portal.web.htmx import is_htmx, redirect_to
from portal.web.next_page import safe_path
from portal.web.services import services
from portal.web.sessions import enter_further
from portal.web.units import read_unit, write_unit

WRONG_CODE = text("That code is not right, or it was used already. Wait for the next one in your app.")
WRONG_RECOVERY_CODE = text("That is not one of your recovery codes, or it was used already.")
SECRETS = {"api_key": text("API key"), "secret_key": text("Secret key"), "webhook_secret": text("Webhook secret")}
"""Fields that no page holds again once they are sent, and these pages do not either: they are asked for again."""
ASK_AGAIN = "typed"
"""Stands for a secret in what is carried."""


@routes.route("/second-factor", methods=["GET", "POST"])
@staff_entering
def second_factor() -> ResponseReturnValue:
    """Ask for the second factor; whoever has none yet sets one up."""
    if not factors_of(read_unit(), current_staff().id):
        return redirect_to(url_for("admin.enrol", next=request.values.get("next")))
    form = AppCodeForm(next=request.args.get("next", ""))
    if "code" in request.form and form.validate_on_submit():
        if use_app(factor_try(), services().box, form.code.data or ""):
            return let_in(form.next.data, form.typed.data)
        form.code.errors = [say(WRONG_CODE)]
    return ask(form, 422 if form.errors else 200)


@routes.errorhandler(FactorIsOld)
def ask_first(_error: FactorIsOld) -> ResponseReturnValue:
    """Ask before a form that was sent is taken; only one of this portal's own pages is kept."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return redirect_to(url_for("admin.second_factor", next=request.path))
    typed = [
        (name, ASK_AGAIN if name in SECRETS and value else value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token"
    ]
    typed += [("", sent.filename) for sent in request.files.values() if sent.filename]
    here = request.full_path.rstrip("?")
    return ask(AppCodeForm(formdata=None, next=here, typed=urlencode(typed)), 403)


@routes.route("/second-factor/recovery-code", methods=["GET", "POST"])
@staff_entering
def recovery_code() -> ResponseReturnValue:
    """One of the codes for the day the device is lost."""
    form = RecoveryCodeForm(next=request.args.get("next", ""))
    if "code" in request.form and form.validate_on_submit():
        if use_recovery_code(factor_try(), form.code.data or ""):
            return let_in(form.next.data, form.typed.data)
        form.code.errors = [say(WRONG_RECOVERY_CODE)]
    left = recovery_codes_left(read_unit(), current_staff().id)
    page = "admin/second_factor/_recovery_code.html" if is_htmx() else "admin/second_factor/recovery_code.html"
    return render(page, form=form, left=left), 422 if form.errors else 200


def factor_try() -> FactorTry:
    """The staff member of this request is about to show a second factor."""
    return FactorTry(write_unit, services().secret, current_staff(), actor(), services().now())


def raise_this_session() -> None:
    """Note that the second factor was shown in this browser; its session gets a new token."""
    with write_unit() as unit:
        token = raise_session(unit, current_user.session_id, services().now())
    enter_further(token)


def ask(form: AppCodeForm, status: int) -> ResponseReturnValue:
    """The page that asks for the factors that this staff member has."""
    kinds = {factor.kind for factor in factors_of(read_unit(), current_staff().id)}
    page = "admin/second_factor/_ask.html" if is_htmx() else "admin/second_factor/ask.html"
    is_again = current_user.second_factor_at is not None
    is_whole = not any(_is_left_out(*pair) for pair in parse_qsl(form.typed.data or ""))
    return render(page, form=form, kinds=kinds, is_again=is_again, is_whole=is_whole), status


def let_in(next_page: str | None, typed: str | None) -> ResponseReturnValue:
    """Go on to where the staff member was going, or to what they have typed for it."""
    raise_this_session()
    if not typed:
        return redirect_to(page_after(next_page))
    sent = parse_qsl(typed, keep_blank_values=True)
    return render(
        "admin/second_factor/go_on.html",
        action=page_after(next_page, "POST"),
        fields=[(name, value) for name, value in sent if name and not _is_left_out(name, value)],
        secrets=[(name, SECRETS[name]) for name, value in sent if name and _is_left_out(name, value)],
        files=[value for name, value in sent if not name],
    )


def _is_left_out(name: str, value: str) -> bool:
    """Whether this of what was typed, a file or a secret, has to be entered once more."""
    return not name or (name in SECRETS and bool(value))


def page_after(next_page: str | None, method: str = "GET") -> str:
    """The address of the page that a staff member was going to: their start page when there is none."""
    page = safe_path(next_page, method)
    return url_for("admin.home") if page == f"{request.script_root}/" else page
