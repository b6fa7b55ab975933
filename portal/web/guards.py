"""Who may call a route. Each states it with one of these; one hook enforces it, and a test reads all routes.

A route without a word is not served at all. Staff pages also state the permission they need.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.access.permissions import Permission
from portal.access.staff import Staff, staff_of
from portal.access.viewing import HANDS_OFF
from portal.core.errors import NotAllowed
from portal.core.text import text
from portal.partners.seats import PartnerRole, Seat, seat_at
from portal.web.htmx import is_htmx, redirect_to
from portal.web.looking import viewing
from portal.web.services import services
from portal.web.tenancy import AGENCY
from portal.web.units import close_read_unit, read_unit

Access = Literal[
    "deployment", "public", "insured", "guest", "holder", "partner", "processor", "staff_entering", "staff", "key"
]
View = TypeVar("View", bound=Callable[..., Any])
GUEST = "guest"
STOP_LOOKING = "admin.stop_viewing"
FRESH = timedelta(minutes=10)
"""How long ago the second factor may have been shown for what is dangerous."""


class FactorIsOld(Exception):
    """A form was sent that needs the second factor, shown too long ago: it is asked for, and what was typed kept."""


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        function: Any = getattr(view, "__func__", view)  # a bound method says it for its function
        function.__access__ = access
        return view

    return mark


deployment = _declare("deployment")
"""Anyone, with or without an agency: health, static files."""
public = _declare("public")
"""Anyone, in an agency's portal."""
insured_only = _declare("insured")
"""Someone who has signed in; what they may see, the route asks by their e-mail address."""
guest_only = _declare("guest")
"""A browser that has shown a policy number and its ZIP in the last 15 minutes."""
holder_only = _declare("holder")
"""Whoever holds the unguessable name in the address: a payment link, a payment's page."""
processor_only = _declare("processor")
"""The payment processor, by its signature; no cookie counts."""
staff_entering = _declare("staff_entering")
"""A staff member who has signed in by mail and has still to show the second factor; those pages only."""


def staff_only(permission: Permission, *, fresh: bool = False, largest: int = 0) -> Callable[[View], View]:
    """A staff member with both factors whose role has the permission.

    Args:
        fresh: the second factor is asked for again when it was shown more than ten minutes ago; for what
            is dangerous.
        largest: what may be sent in bytes, where files are taken; else the portal's own limit holds.
    """

    def mark(view: View) -> View:
        function: Any = getattr(view, "__func__", view)
        function.__permission__ = permission
        function.__fresh__ = fresh
        function.__largest__ = largest
        return _declare("staff")(view)

    return mark


def partner_only(role: PartnerRole = "view") -> Callable[[View], View]:
    """A user of the partner that the page's address names; strangers are told nothing.

    Args:
        role: the first role, from the least to the most, that may call it.
    """

    def mark(view: View) -> View:
        function: Any = getattr(view, "__func__", view)
        function.__partner_role__ = role
        return _declare("partner")(view)

    return mark


def init_guards(app: Flask) -> None:
    """Install the hook."""
    app.before_request(_find_agency)
    app.before_request(_enforce)
    app.before_request(_refuse_unreadable)


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What a route states, or None."""
    return getattr(app.view_functions[endpoint], "__access__", None)


def permission_of(app: Flask, endpoint: str) -> Permission | None:
    """The permission that a staff page needs; None for other pages."""
    return getattr(app.view_functions[endpoint], "__permission__", None)


def partner_role_of(app: Flask, endpoint: str) -> PartnerRole | None:
    """The role that a partner's page needs; None for other pages."""
    return getattr(app.view_functions[endpoint], "__partner_role__", None)


def current_seat() -> Seat:
    """The place at the partner of whoever sent this request; guards have made sure that there is one."""
    seat: Seat = g.seat
    return seat


def current_staff() -> Staff:
    """The staff member of this request; guards have made sure that there is one."""
    staff: Staff = g.staff
    return staff


def is_fresh() -> bool:
    """Whether the staff member of this request has shown the second factor a moment ago."""
    shown = current_user.second_factor_at
    return shown is not None and services().now() - shown <= FRESH


def _find_agency() -> None:
    slug = request.environ.get(AGENCY)
    g.agency = services().directory.by_slug(slug) if slug else None


def _enforce() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None:
        return None
    access = access_of(current_app, endpoint)
    if access is None:
        raise LookupError(f"{endpoint} does not say who may call it")
    if access == "deployment":
        return None
    if g.agency is None:
        abort(404)
    if request.method not in {"GET", "HEAD", "OPTIONS"} and access != "processor":
        if _comes_from_elsewhere():
            abort(403)
        _only_look()
    if access == "insured" and not current_user.is_authenticated:
        return _to_sign_in()
    if access == "guest" and GUEST not in session:
        return redirect_to(url_for("guest.lookup"))
    if access == "partner":
        return _enforce_partner()
    if access in {"staff_entering", "staff"}:
        return _enforce_staff(access)
    return None


def _only_look() -> None:
    """The one place that keeps whoever looks as a customer from changing anything: they may stop looking."""
    if viewing() is not None and request.endpoint != STOP_LOOKING:
        raise NotAllowed(HANDS_OFF)
    close_read_unit()  # what follows may talk to the outside


def _enforce_partner() -> ResponseReturnValue | None:
    """Whoever looks as a customer sees that customer's own things, not the partner's they may work for."""
    if not current_user.is_authenticated:
        return _to_sign_in()
    seat = None if viewing() else seat_at(read_unit(), current_user.email, g.partner_id)
    if seat is None:
        abort(404)
    g.seat = seat
    view: Any = current_app.view_functions[str(request.endpoint)]
    if not seat.may(view.__partner_role__):
        raise NotAllowed(text("Your role does not allow this. An admin of your company can do it or change your role."))
    return None


def _enforce_staff(access: Access) -> ResponseReturnValue | None:
    if not current_user.is_authenticated:
        return _to_sign_in()
    staff = staff_of(read_unit(), current_user.email)
    if staff is None:
        abort(404)
    g.staff = staff
    if access == "staff_entering":
        return None
    shown = current_user.second_factor_at
    if shown is None:
        return redirect_to(url_for("admin.second_factor", next=_here()))
    view: Any = current_app.view_functions[str(request.endpoint)]
    if not staff.may(view.__permission__):
        raise NotAllowed(text("Your role does not allow this. An admin of your agency can do it or change your role."))
    if view.__largest__:
        request.max_content_length = view.__largest__
    if view.__fresh__ and not is_fresh():
        if request.method == "POST" and not is_htmx():
            request.form  # noqa: B018 - what cannot be read is refused here, as with a factor shown just now
            raise FactorIsOld
        return redirect_to(url_for("admin.second_factor", next=_here()))
    return None


def _comes_from_elsewhere() -> bool:
    """A form of another site, a neighbour's on the same domain too: the browser says so itself."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return True
    origin = request.headers.get("Origin")
    try:
        return origin is not None and urlsplit(origin).netloc != request.host
    except ValueError:  # "http://[" is no site at all
        return True


def _refuse_unreadable() -> None:
    """Text that no browser sends and PostgreSQL cannot keep, before a route meets it; the size is checked by now."""
    endpoint = request.endpoint
    if endpoint is None or access_of(current_app, endpoint) in {"deployment", "processor"}:
        return
    is_form = request.method == "POST"
    if not is_form and not request.query_string:
        return
    sent = (request.args, request.form) if is_form else (request.args,)
    if any("\0" in name or "\0" in value for each in sent for name, value in each.items(multi=True)):
        abort(400)


def _to_sign_in() -> ResponseReturnValue:
    """The page to sign in; who was signed in here reads why they no longer are."""
    why = "ended" if "_user_id" in session else None
    return redirect_to(url_for("insured.sign_in", next=_here(), why=why))


def _here() -> str:
    """The page to come back to; that of a form stands at the form's own address, if there is one."""
    return request.full_path.rstrip("?") if request.method == "GET" and not is_htmx() else request.path
