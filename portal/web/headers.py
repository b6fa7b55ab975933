"""Headers of every answer: content security policy with a nonce, what browsers may share and ask for, no caching."""

import secrets
from collections.abc import Sequence
from functools import lru_cache

from flask import Flask, g, request
from werkzeug.wrappers import Response

from portal.access.viewing import HANDS_OFF
from portal.core.errors import NotAllowed
from portal.web import csp_report
from portal.web.assets import STRICT
from portal.web.looking import viewing
from portal.web.services import services

REPORTS = "csp"
NONCE = "{nonce}"
UNASKED = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "usb")
"""What no page asks a browser for."""


def init_headers(app: Flask) -> None:
    """Install the headers, and `csp_nonce()` for templates."""
    app.after_request(_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def csp_nonce() -> str:
    """The nonce of this answer, for its script elements."""
    kept = g._get_current_object()
    if "csp_nonce" not in kept:
        kept.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = kept.csp_nonce
    return nonce


def allow_processor() -> None:
    """Let this page load the processor's fields; the pay pages only.

    Raises:
        NotAllowed: a staff member looks at the portal as a customer.
    """
    if viewing() is not None:
        raise NotAllowed(HANDS_OFF)
    g.shows_processor = True


def allow_own_frames() -> None:
    """Let this page show others of the portal in frames: those that `framed` lets be shown so."""
    g.shows_frames = True


def framed(page: str, styles: str = "") -> Response:
    """A page that may stand in a frame of one of our own: it runs no script and sends no form.

    Args:
        styles: more sources of its styles, as the policy writes them.
    """
    policy = (
        f"sandbox allow-same-origin; default-src 'none'; style-src 'self' {styles}".strip()
        + "; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    return Response(
        page, mimetype="text/html", headers={"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN"}
    )


def _headers(response: Response) -> Response:
    kept, headers = g._get_current_object(), response.headers
    origins = tuple(services().processor.sources) if kept.get("shows_processor") else ()
    given = {name.lower() for name, _ in headers}
    for name, value in _fixed(origins, request.is_secure, "shows_frames" in kept):
        if name.lower() not in given:
            headers.add(name, value.replace(NONCE, csp_nonce()) if NONCE in value else value)
    return response


@lru_cache(maxsize=8)
def _fixed(origins: tuple[str, ...], is_secure: bool, has_frames: bool) -> tuple[tuple[str, str], ...]:
    """The headers of a page that these others may serve, with `NONCE` where the answer's own stands."""
    sources = " ".join(origins)
    policy = {
        "default-src": "'none'",
        "script-src": f"'self' 'nonce-{NONCE}' {sources}",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": f"'self' {sources}",
        "frame-src": sources or ("'self'" if has_frames else "'none'"),
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "manifest-src": "'self'",
        "report-uri": csp_report.PATH,
        "report-to": REPORTS,
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value.strip()}" for name, value in policy.items()),
        "Reporting-Endpoints": f'{REPORTS}="{csp_report.PATH}"',
        "Permissions-Policy": _permissions(origins),
        # A bank's 3-D Secure page may come in a window of its own, which has to find its way back.
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups" if origins else "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
    }
    if is_secure:
        headers["Strict-Transport-Security"] = STRICT
    return tuple(headers.items())


def _permissions(origins: Sequence[str]) -> str:
    """Nothing is asked for but passkeys by our own pages, and payment by the processor's fields."""
    paying = " ".join(["self", *(f'"{origin}"' for origin in origins if "*" not in origin)]) if origins else ""
    asked = ["publickey-credentials-get=(self)", "publickey-credentials-create=(self)", f"payment=({paying})"]
    return ", ".join([*(f"{name}=()" for name in UNASKED), *asked])
