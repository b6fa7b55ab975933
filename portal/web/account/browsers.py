"""Signing out browsers one by one or all others at once, and staying signed in."""

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.access.open_sessions import end_one, end_others
from portal.core.audit import Actor
from portal.core.errors import NotFound
from portal.core.text import text
from portal.web.account.blueprint import routes
from portal.web.filters import say
from portal.web.guards import insured_only
from portal.web.htmx import redirect_to
from portal.web.next_page import safe_path
from portal.web.services import services
from portal.web.units import write_unit

ENDED = text("That browser is signed out.")
OTHERS_ENDED = text("Every other browser is signed out.")


@routes.post("/browsers/<int:browser_id>/sign-out")
@insured_only
def end_browser(browser_id: int) -> ResponseReturnValue:
    """Sign one of one's own browsers out."""
    with write_unit() as unit:
        if not end_one(unit, current_user.email, browser_id, _is_staff(), _actor(), services().now()):
            raise NotFound
    flash(say(ENDED), "ok")
    return _back()


@routes.post("/browsers/sign-out-others")
@insured_only
def end_other_browsers() -> ResponseReturnValue:
    """Sign all of one's own browsers out but this one."""
    with write_unit() as unit:
        end_others(unit, current_user.email, current_user.session_id, _is_staff(), _actor(), services().now())
    flash(say(OTHERS_ENDED), "ok")
    return _back()


@routes.post("/stay")
@insured_only
def stay() -> ResponseReturnValue:
    """Stay signed in: being asked is enough, since every request counts as use."""
    return "", 204


def _is_staff() -> bool:
    return current_user.second_factor_at is not None


def _actor() -> Actor:
    return Actor("staff" if _is_staff() else "insured", current_user.email, request.remote_addr or "")


def _back() -> ResponseReturnValue:
    return redirect_to(safe_path(request.form.get("next") or "/account/"))
