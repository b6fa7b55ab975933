"""Who is signed in, for Flask-Login: a record in the database behind a random token in the browser's cookie."""

from collections.abc import Sequence
from datetime import datetime

from flask import Flask, g, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user

from portal.access.hats import Hat
from portal.access.sessions import IDLE, LONGEST, TOUCH_AFTER, Person, needs_touch, touch
from portal.access.sign_in import Browser, SignedIn
from portal.access.viewing import Viewing
from portal.web.filters import gettext as _
from portal.web.language import CHOSEN
from portal.web.looking import person_of, viewing
from portal.web.services import services
from portal.web.units import write_unit

HATS = "hats"
"""In the cookie: what the person may be here. For the menu only; the pages ask the database."""
FORMS = "csrf_token"
"""Flask-WTF's secret of this browser, by which forms are known as ours."""

SIDES: dict[Hat, tuple[str, frozenset[str]]] = {
    "insured": ("insured.home", frozenset({"insured", "account"})),
    "partner": ("account.partners", frozenset()),
    "staff": ("admin.home", frozenset({"admin"})),
}
"""Of each hat the start page and its blueprints."""


class CurrentPerson(UserMixin):  # type: ignore[misc]  # Flask-Login is not typed
    """Who has signed in in this browser: `current_user` on the pages of insureds and staff.

    Where a staff member looks as a customer, it is that customer everywhere but on the pages of staff, and has shown
    no second factor.
    """

    def __init__(self, token: str, email: str, person: Person | None = None) -> None:
        """Someone who has just come in, or as the record of their browser says."""
        self._token = token
        self.email = email
        self.session_id = person.session_id if person else 0
        self.second_factor_at = person.second_factor_at if person else None
        self.expires_at = person.expires_at if person else services().now() + LONGEST
        looks = viewing()
        if looks is not None and request.blueprint != "admin":
            self.email, self.session_id, self.second_factor_at = looks.email, 0, None

    def get_id(self) -> str:
        """What the cookie holds."""
        return self._token


def init_sessions(app: Flask) -> None:
    """Install Flask-Login. The record decides, not the browser's name or address, which change on the way."""
    manager = LoginManager(app, add_context_processor=False)  # no template asks for `current_user`
    manager.session_protection = None
    manager.user_loader(_load)
    app.context_processor(_account)


def _account() -> dict[str, object]:
    """For the page's head: the way home, and who has signed in."""
    if g.get("agency") is None:
        return {}
    user, looks = current_user._get_current_object(), viewing()
    known: dict[str, object] = {"home_url": f"{request.script_root}/", "viewing": looks}
    if user.is_authenticated:
        sign_out_url = url_for("insured.sign_out")
        known["account"] = {"label": user.email, "sign_out_url": sign_out_url, "links": _menu(looks)}
        if looks is None:
            known["time_out"] = _time_out(user.expires_at)
    return known


def _menu(looks: Viewing | None) -> list[tuple[str, str]]:
    """One's own account, and for someone who is several things here the ways to the other sides."""
    side, hats = request.blueprint, session.get(HATS, ())
    is_at_work = side == "admin"
    if looks is not None and not is_at_work:
        return [(_("Your account"), url_for("account.show")), (_("Payment methods"), url_for("insured.methods"))]
    links: list[tuple[str, str]] = [(_("Your account"), url_for("admin.account" if is_at_work else "account.show"))]
    if not is_at_work and "insured" in hats:
        links.append((_("Payment methods"), url_for("insured.methods")))
    if len(hats) > 1 or hats == ("partner",):
        words = {"insured": _("My own policies"), "partner": _("My company"), "staff": _("My work at the agency")}
        links += [(words[hat], url_for(SIDES[hat][0])) for hat in SIDES if hat in hats and side not in SIDES[hat][1]]
    return links


def home_of(hats: Sequence[Hat]) -> str:
    """Where somebody begins: at their one side, or where they choose among several."""
    return url_for(SIDES[hats[0]][0] if len(hats) == 1 else "account.choose")


def _time_out(expires_at: datetime) -> dict[str, object]:
    """For the warning before a time-out, in seconds: the record may count the last use up to a minute earlier."""
    left = expires_at - services().now()
    return {"idle": int((IDLE - TOUCH_AFTER).total_seconds()), "left": max(0, int(left.total_seconds()))}


def enter(entered: SignedIn) -> None:
    """Make this browser the one that has signed in; nothing of its old cookie stays but the language."""
    renew_cookie()
    session[HATS] = entered.hats
    login_user(CurrentPerson(entered.token, entered.email))


def enter_further(token: str) -> None:
    """Give this browser the new token that a second factor has brought; its old cookie is worth nothing.

    Who it is stays the same, so the forms in its other tabs stay good.
    """
    kept = {name: session[name] for name in (HATS, FORMS) if name in session}
    renew_cookie()
    session.update(kept)
    login_user(CurrentPerson(token, current_user.email))


def renew_cookie() -> None:
    """Start the cookie anew: nothing that someone put there before survives a sign-in or sign-out."""
    language = session.get(CHOSEN)
    session.clear()
    g.pop("csrf_token", None)
    if language:
        session[CHOSEN] = language


def this_browser(secret: str) -> Browser:
    """The browser of this request.

    Args:
        secret: what ties it to its sign-in.
    """
    return Browser(secret, request.remote_addr or "127.0.0.1", request.user_agent.string)


def _load(token: str) -> CurrentPerson | None:
    person = person_of(token)
    if person is None:
        return None
    if needs_touch(person, services().now()):
        _touch(person)
    return CurrentPerson(token, person.email, person)


def _touch(person: Person) -> None:
    with write_unit() as unit:
        touch(unit, person, services().now())
