"""Sign in by e-mail: ask, wait and type the code, or press the button behind the link; sign out."""

import secrets

from flask import flash, make_response, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.access.sessions import end_session
from portal.access.sign_in import SignedIn, check_link, is_open, request_sign_in, use_code, use_link
from portal.core.errors import Gone
from portal.core.text import text
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import public
from portal.web.htmx import is_htmx, redirect_to
from portal.web.insured.blueprint import routes
from portal.web.insured.sign_in_forms import CodeForm, SignInForm
from portal.web.language import current_locale, speak_as_kept
from portal.web.next_page import safe_path
from portal.web.services import agency, services
from portal.web.sessions import enter, home_of, renew_cookie, this_browser
from portal.web.units import read_unit, write_unit

WAITING = "sign_in"
BROWSER = "browser"
SENT_AGAIN = text("We have sent the e-mail again, if the address is known to us.")
WRONG_CODE = text("That code is not right, or it is no longer valid. Use the code in the newest e-mail.")


@routes.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Ask for the e-mail address; the answer is the same for every address."""
    if current_user.is_authenticated:
        return redirect_to(safe_path(request.values.get("next")))
    session.setdefault(BROWSER, secrets.token_urlsafe(32))  # before the form is sent: two clicks are one browser
    form = SignInForm(next=request.args.get("next", ""))
    if not form.validate_on_submit():
        page = "insured/sign_in/_ask.html" if is_htmx() else "insured/sign_in/ask.html"
        shown = render(page, form=form, waits=WAITING in session, takes_guests=agency().guest_payments)
        return shown, 422 if form.is_submitted() else 200
    return _send(form.address, form.next.data or "")


@routes.route("/sign-in/check", methods=["GET", "POST"])
@public
def check_mail() -> ResponseReturnValue:
    """The waiting page, which takes the code."""
    waiting = session.get(WAITING)
    if waiting is None:
        return redirect_to(url_for("insured.sign_in"))
    form = CodeForm()
    if form.validate_on_submit():
        browser = this_browser(session.get(BROWSER, ""))
        entered = use_code(
            write_unit, services().secret, waiting["id"], form.code.data or "", browser, services().now()
        )
        if entered is not None:
            return _enter(entered)
        form.code.errors = [say(WRONG_CODE)]
    can_type = is_open(read_unit(), waiting["id"], session.get(BROWSER, ""), services().now())
    page = "insured/sign_in/_wait.html" if is_htmx() else "insured/sign_in/wait.html"
    shown = render(page, form=form, email=waiting["email"], can_type=can_type)
    return shown, 422 if form.is_submitted() else 200


@routes.post("/sign-in/resend")
@public
def resend() -> ResponseReturnValue:
    """Send the mail again, to the same address."""
    waiting = session.get(WAITING)
    if waiting is None:
        return redirect_to(url_for("insured.sign_in"))
    answer = _send(waiting["email"], waiting["next"])
    flash(say(SENT_AGAIN), "ok")
    return answer


@routes.get("/sign-in/link/<token>")
@public
def sign_in_link(token: str) -> ResponseReturnValue:
    """The page behind the mail's button. Looking changes nothing: scanners look too."""
    return _link_page(token)


@routes.post("/sign-in/link/<token>")
@public
def use_sign_in_link(token: str) -> ResponseReturnValue:
    """A person has pressed the button."""
    with write_unit() as unit:
        entered = use_link(unit, services().secret, token, this_browser(session.get(BROWSER, "")), services().now())
    return _enter(entered) if entered else _link_page(token)


@routes.post("/sign-in/link/<token>/new")
@public
def new_link(token: str) -> ResponseReturnValue:
    """A new mail in place of one that came too late, in one tap."""
    check = check_link(read_unit(), services().secret, token, "", services().now())
    if check.state == "unknown":
        raise Gone
    return _send(check.email, check.next_path)


@routes.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End the session, here and in the record."""
    _end_session()
    renew_cookie()
    answer = make_response(redirect_to(url_for("insured.signed_out")))
    answer.headers["Clear-Site-Data"] = '"storage"'  # pages are never stored; scripts keep when one was last here
    return answer


@routes.get("/signed-out")
@public
def signed_out() -> ResponseReturnValue:
    """Says that it is done."""
    return render("insured/sign_in/signed_out.html")


def _send(email: str, next_page: str) -> ResponseReturnValue:
    next_path = safe_path(next_page).removeprefix(request.script_root)
    session.setdefault(BROWSER, secrets.token_urlsafe(32))
    public_id = request_sign_in(
        write_unit,
        services().secret,
        email,
        this_browser(session[BROWSER]),
        next_path,
        current_locale(),
        services().now(),
    )
    session[WAITING] = {"id": public_id, "email": email, "next": next_path}
    return redirect_to(url_for("insured.check_mail"))


def _enter(entered: SignedIn) -> ResponseReturnValue:
    _end_session()  # of whoever was signed in here before
    enter(entered)
    speak_as_kept(entered.email)
    return redirect_to(home_of(entered.hats) if entered.next_path == "/" else safe_path(entered.next_path))


def _end_session() -> None:
    if current_user.is_authenticated:
        with write_unit() as unit:
            end_session(unit, current_user.session_id, services().now())


def _link_page(token: str) -> ResponseReturnValue:
    check = check_link(read_unit(), services().secret, token, session.get(BROWSER, ""), services().now())
    if check.state == "over" and current_user.is_authenticated and current_user.email == check.email:
        return redirect_to(safe_path(check.next_path))
    status = 200 if check.state in {"ready", "elsewhere"} else 410
    return render("insured/sign_in/link.html", token=token, check=check), status
