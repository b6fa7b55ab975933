"""Find the agency of a request before routing: by host, else by the first part of the path; and say how it is reached.

Routes are registered once, without a slug; the slug moves into SCRIPT_NAME. Unknown hosts get no answer.
"""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from portal.agencies.directory import Directory

AGENCY = "portal.agency"
PROBES = frozenset({"/healthz", "/readyz", "/metrics", "/tls-ask"})
"""What load balancers, Prometheus and the proxy ask, by address and not by name; some without the database too."""
_REFUSAL = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
]


class AgencyMiddleware:
    """Puts the agency's slug and the portal's scheme into the environment, and refuses unknown hosts.

    TLS ends at a proxy. That the portal is reached by https says its own address, not each request.

    Args:
        app: what comes next.
        directory: all agencies.
        base_url: scheme and host, with its port, that serve agencies by path.
    """

    def __init__(self, app: WSGIApplication, directory: Directory, base_url: str) -> None:
        self._app = app
        self._directory = directory
        self._scheme, _, self._shared_host = base_url.partition("://")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.url_scheme"] = self._scheme
        if environ["PATH_INFO"] in PROBES:
            return self._app(environ, start_response)
        host = str(environ.get("HTTP_HOST", "")).lower().removesuffix(":443").removesuffix(":80")
        own = self._directory.by_host(host)
        if own is not None:
            environ[AGENCY] = own.slug
        elif host == self._shared_host:
            slug, slash, rest = str(environ["PATH_INFO"]).lstrip("/").partition("/")
            if self._directory.by_slug(slug) is not None:
                environ[AGENCY] = slug
                environ["SCRIPT_NAME"] = f"/{slug}"
                environ["PATH_INFO"] = f"/{rest}" if slash else ""
        else:
            start_response("400 Bad Request", _REFUSAL)
            return [b"This host is not served here.\n"]
        return self._app(environ, start_response)
