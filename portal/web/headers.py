"""Headers of every answer: content security policy with a nonce, no caching of what shows money."""

import secrets

from flask import Flask, g, request
from werkzeug.wrappers import Response

from portal.web.services import services


def init_headers(app: Flask) -> None:
    """Install the headers, and `csp_nonce()` for templates."""
    app.after_request(_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def csp_nonce() -> str:
    """The nonce of this answer, for its script elements."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def allow_processor() -> None:
    """Let this page load the processor's fields; the pay pages only."""
    g.shows_processor = True


def _headers(response: Response) -> Response:
    sources = " ".join(services().processor.sources) if g.get("shows_processor") else ""
    policy = {
        "default-src": "'none'",
        "script-src": f"'self' 'nonce-{csp_nonce()}' {sources}",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": f"'self' {sources}",
        "frame-src": sources or "'none'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "manifest-src": "'self'",
    }
    response.headers.setdefault("Content-Security-Policy", "; ".join(f"{k} {v.strip()}" for k, v in policy.items()))
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "strict-origin")
    response.headers.setdefault("X-Frame-Options", "DENY")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    response.headers.setdefault("Cache-Control", "no-store")
    return response
