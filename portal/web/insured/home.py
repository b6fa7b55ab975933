"""The insured's home: what is owed, and everything tied to their e-mail address."""

from typing import NamedTuple

from flask import request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.core.clock import local_date
from portal.reports.home import GROUPS, Home, HomeItem
from portal.reports.home import home as home_of
from portal.web.branding import render
from portal.web.guards import public
from portal.web.htmx import is_htmx, redirect_to
from portal.web.insured.blueprint import routes
from portal.web.insured.welcome import welcome
from portal.web.services import agency, services
from portal.web.sessions import HATS
from portal.web.units import read_unit

AT_ONCE = 10


class Rows(NamedTuple):
    """The rows of one group on a page; `next_start` is where the rest begins, None if there is none."""

    name: str
    items: list[HomeItem]
    total: int
    next_start: int | None
    is_open: bool


@routes.get("/")
@public
def home() -> ResponseReturnValue:
    """Home, or the two ways in. `show` and `from` ask for more rows of a group: those alone, or the page up to them."""
    user = current_user._get_current_object()
    if not user.is_authenticated:
        return welcome()
    if session.get(HATS) == ("partner",):
        return redirect_to(url_for("account.partners"))
    asked = request.args
    seen = home_of(read_unit(), user.email, local_date(services().now(), agency().time_zone))
    more, start = asked.get("show", ""), max(0, asked.get("from", 0, type=int))
    if more in GROUPS and is_htmx():
        return render("insured/home/_rows.html", home=seen, group=_rows(seen, more, start, start + AT_ONCE, True))
    groups = [_rows(seen, name, 0, AT_ONCE + (start if name == more else 0), name == more) for name in GROUPS]
    shown = [group for group in groups if group.items]
    credit = seen.credit_cents
    return render("insured/home/show.html", home=seen, groups=shown, email=user.email, credit_cents=credit)


def _rows(seen: Home, name: str, start: int, end: int, is_wished: bool) -> Rows:
    items = [item for item in seen.items if item.group == name]
    is_open = is_wished or name != "paid" or len(items) == len(seen.items)
    return Rows(name, items[start:end], len(items), end if end < len(items) else None, is_open)
