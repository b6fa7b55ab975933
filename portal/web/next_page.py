"""Where to go next: a page of this portal that the person was on, never another site."""

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect


def safe_path(raw: str | None, method: str = "GET") -> str:
    """The address to redirect to for a wished path; home when the wish is no page of this agency's portal.

    Args:
        raw: a path with an optional query, without the agency's slug, as a browser may have changed it.
        method: how it will be asked for.
    """
    home = f"{request.script_root}/"
    if not raw or not raw.startswith("/") or raw.startswith("//") or "\\" in raw or not raw.isprintable():
        return home
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    try:
        adapter.match(raw.partition("?")[0], method=method)
    except (HTTPException, RequestRedirect):
        return home
    return f"{request.script_root}{raw}"
