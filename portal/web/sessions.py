"""Who is signed in, for Flask-Login: a record in the database behind a random token in the browser's cookie."""

from datetime import datetime

from flask import Flask, g, request, session, url_for
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user, login_user

from portal.access.sessions import Person, needs_touch, signed_in, touch
from portal.access.sign_in import Browser, SignedIn
from portal.web.language import CHOSEN
from portal.web.services import services
from portal.web.units import read_unit, write_unit

HATS = "hats"
"""In the cookie: what the person may be here. For the menu only; the pages ask the database."""


class CurrentPerson(UserMixin):  # type: ignore[misc]  # Flask-Login is not typed
    """Who has signed in in this browser: `current_user` on the pages of insureds and staff."""

    def __init__(self, token: str, email: str, session_id: int = 0, second_factor_at: datetime | None = None) -> None:
        self._token = token
        self.email = email
        self.session_id = session_id
        self.second_factor_at = second_factor_at

    def get_id(self) -> str:
        """What the cookie holds."""
        return self._token


def init_sessions(app: Flask) -> None:
    """Install Flask-Login. The record decides, not the browser's name or address, which change on the way."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_load)
    app.context_processor(_account)


def _account() -> dict[str, object]:
    """For the page's head: the way home, and who has signed in where the route has asked."""
    if g.get("agency") is None:
        return {}
    known: dict[str, object] = {"home_url": f"{request.script_root}/"}
    if g.get("_login_user") is not None and current_user.is_authenticated:
        sign_out_url = url_for("insured.sign_out")
        known["account"] = {"label": current_user.email, "sign_out_url": sign_out_url, "links": _hat_links()}
    return known


def _hat_links() -> list[tuple[str, str]]:
    """For someone who is both: the way to the other side."""
    if set(session.get(HATS, ())) != {"insured", "staff"}:
        return []
    if request.blueprint == "admin":
        return [(_("My own policies"), url_for("insured.home"))]
    return [(_("My work at the agency"), url_for("admin.home"))]


def enter(entered: SignedIn) -> None:
    """Make this browser the one that has signed in; nothing of its old cookie stays but the language."""
    renew_cookie()
    session[HATS] = entered.hats
    login_user(CurrentPerson(entered.token, entered.email))


def enter_further(token: str) -> None:
    """Give this browser the new token that a second factor has brought; its old cookie is worth nothing."""
    hats = session.get(HATS)
    renew_cookie()
    session[HATS] = hats
    login_user(CurrentPerson(token, current_user.email, current_user.session_id, services().now()))


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
    if g.get("agency") is None:
        return None
    at = services().now()
    person = signed_in(read_unit(), token, at)
    if person is None:
        return None
    if needs_touch(person, at):
        _touch(person)
    return CurrentPerson(token, person.email, person.session_id, person.second_factor_at)


def _touch(person: Person) -> None:
    with write_unit() as unit:
        touch(unit, person, services().now())
