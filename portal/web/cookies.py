"""The browser's session cookie: signed, one per agency, bound to the host where it can be."""

from flask import Flask, Request, g
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from portal.web.tenancy import AGENCY


class AgencySessions(SecureCookieSessionInterface):
    """Flask's signed cookie under a name of the agency's own. Path is / always: __Host- demands it."""

    def __init__(self, is_secure: bool) -> None:
        self._prefix = "__Host-" if is_secure else ""
        self._serializers: dict[str, URLSafeTimedSerializer] = {}

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the cookie of the agency that this request is for."""
        g.cookie_name = f"{self._prefix}portal-{request.environ.get(AGENCY, 'none')}"
        return super().open_session(app, request)

    def get_cookie_name(self, app: Flask) -> str:
        """The agency's."""
        return str(g.cookie_name)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Flask's, salted with the cookie's name: under another agency's name the same cookie is no cookie.

        Made once for each agency: it holds the portal's secret and that name, nothing of a browser.
        """
        name = g.cookie_name
        if name not in self._serializers:
            serializer = super().get_signing_serializer(app)
            if serializer is None:
                return None
            serializer.salt = f"{self.salt}:{name}".encode()
            self._serializers[name] = serializer
        return self._serializers[name]

    def get_cookie_path(self, app: Flask) -> str:
        """Always the whole host."""
        return "/"


def init_cookies(app: Flask, is_secure: bool) -> None:
    """Install the cookie: HttpOnly, SameSite=Lax, Secure wherever the portal is reached by https."""
    app.session_interface = AgencySessions(is_secure)
    app.config.update(SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_SECURE=is_secure)
