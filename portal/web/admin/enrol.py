"""Setting up a second factor: choose, connect an authenticator app, save the recovery codes."""

import segno
from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.access.permissions import Permission
from portal.access.recovery_codes import new_recovery_codes, recovery_codes_left
from portal.access.second_factor import confirm_app, factors_of, new_app, start_app
from portal.core.text import text
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.second_factor import factor_try, page_after, raise_this_session
from portal.web.admin.second_factor_forms import AppCodeForm
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import FRESH, current_staff, staff_entering, staff_only
from portal.web.htmx import is_htmx, redirect_to
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

WRONG_CODE = text("That code is not right. Check that your phone’s clock is right, and type the newest code.")


@routes.get("/second-factor/new")
@staff_entering
def enrol() -> ResponseReturnValue:
    """Choose between passkey and authenticator app."""
    if must_show_first():
        return _show_first()
    return render("admin/second_factor/choose.html", next_page=request.args.get("next", ""), is_first=is_first())


@routes.post("/second-factor/app/new")
@staff_entering
def start_app_route() -> ResponseReturnValue:
    """Make a seed for an authenticator app."""
    if must_show_first():
        return _show_first()
    with write_unit() as unit:
        start_app(unit, services().box, current_staff(), services().now())
    return redirect_to(url_for("admin.connect_app", next=request.form.get("next")))


@routes.route("/second-factor/app", methods=["GET", "POST"])
@staff_entering
def connect_app() -> ResponseReturnValue:
    """Show the seed as a picture and in letters, and take the first code."""
    if must_show_first():
        return _show_first()
    parts, staff = services(), current_staff()
    begun = new_app(read_unit(), parts.box, staff, agency().name, parts.now())
    if begun is None:
        return redirect_to(url_for("admin.enrol", next=request.values.get("next")))
    form = AppCodeForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        was_first = is_first()
        if confirm_app(factor_try(), parts.box, form.code.data or ""):
            return enrolled(was_first, form.next.data)
        form.code.errors = [say(WRONG_CODE)]
    page = "admin/second_factor/_app.html" if is_htmx() else "admin/second_factor/app.html"
    picture = segno.make(begun.uri, error="m").svg_data_uri(scale=5, border=3, light="#fff")
    seed = " ".join(begun.seed[start : start + 4] for start in range(0, len(begun.seed), 4))
    return render(page, form=form, picture=picture, seed=seed), 422 if form.errors else 200


@routes.route("/second-factor/recovery-codes", methods=["GET", "POST"])
@staff_only(Permission.VIEW, fresh=True)
def recovery_codes() -> ResponseReturnValue:
    """Make recovery codes and show them, this once, as the answer to the button."""
    codes: list[str] = []
    if request.method == "POST":
        with write_unit() as unit:
            codes = new_recovery_codes(unit, services().secret, current_staff(), actor(), services().now())
    left = recovery_codes_left(read_unit(), current_staff().id)
    after = page_after(request.values.get("next"))
    return render("admin/second_factor/recovery_codes.html", codes=codes, left=left, after=after)


def enrolled(was_first: bool, next_page: str | None) -> ResponseReturnValue:
    """A factor was set up, and thereby shown. With the first one come the recovery codes."""
    raise_this_session()
    if not was_first:
        return redirect_to(page_after(next_page))
    return redirect_to(url_for("admin.recovery_codes", next=next_page))


def must_show_first() -> bool:
    """Whether this person has a factor and has not shown it lately: then no other one is added."""
    shown = current_user.second_factor_at
    return not is_first() and (shown is None or services().now() - shown > FRESH)


def _show_first() -> ResponseReturnValue:
    return redirect_to(url_for("admin.second_factor", next=url_for("admin.enrol").removeprefix(request.script_root)))


def is_first() -> bool:
    """Whether this person has no second factor yet."""
    return not factors_of(read_unit(), current_staff().id)
