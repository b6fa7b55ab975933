"""Every failure as a problem (RFC 9457): what is wrong, in words and by a fixed name, never a page."""

from collections.abc import Iterator, Mapping
from typing import Any

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, current_app, request
from werkzeug.exceptions import InternalServerError
from werkzeug.http import HTTP_STATUS_CODES

from portal.core.errors import NotFound, PortalError, TooMany
from portal.web.units import close_read_unit

MEDIA_TYPE = "application/problem+json"
WAIT_SECONDS = 60
NAMES = {
    400: "malformed",
    401: "no-valid-key",
    403: "not-in-scope",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    413: "too-large",
    415: "not-json",
    422: "invalid",
    429: "too-many-requests",
    500: "failure",
}
DETAILS = {
    400: "The request cannot be read. Send JSON in UTF-8.",
    404: "There is nothing here, or not for this key.",
    405: "This address does not take this method.",
    413: "The request is too large.",
    415: "Send JSON: “Content-Type: application/json”.",
    422: "What was sent does not fit. “errors” says where.",
    500: "Something failed on our side. Send the request again with the same Idempotency-Key.",
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "description": "a fixed name, like urn:portal:problem:not-found"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


def init_problems(app: APIFlask) -> None:
    """Install the handlers."""
    app.error_processor(_http_error)
    app.before_request(_json_only)
    app.register_error_handler(PortalError, _portal_error)
    app.register_error_handler(RecursionError, lambda _error: problem(400))  # a body of nothing but brackets
    app.register_error_handler(InternalServerError, lambda _error: problem(500))


def problem(
    status: int, detail: str = "", errors: list[dict[str, str]] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer to a request that failed.

    Args:
        errors: where in what was sent, as JSON pointers, and why.
    """
    close_read_unit()
    body: dict[str, Any] = {
        "type": f"urn:portal:problem:{NAMES.get(status, 'error')}",
        "title": HTTP_STATUS_CODES[status],
        "status": status,
        "detail": detail or DETAILS.get(status, ""),
    }
    if errors:
        body["errors"] = errors
    answer = Response(current_app.json.dumps(body), status, dict(headers or {}), content_type=MEDIA_TYPE)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _json_only() -> Response | None:
    """Whoever calls is known by now: the hook comes after theirs."""
    has_body = request.method in {"POST", "PATCH"} and bool(request.get_data(cache=True))
    return problem(415) if has_body and request.endpoint and not request.is_json else None


def _portal_error(error: PortalError) -> Response:
    detail = "" if error.message is NotFound.default else str(error.message)
    return problem(error.status, detail, headers={"Retry-After": str(WAIT_SECONDS)} if type(error) is TooMany else None)


def _http_error(error: HTTPError) -> Response:
    kept = {name: str(value) for name, value in dict(error.headers or {}).items() if name == "Allow"}
    status = error.status_code
    errors = list(_pointed(error.detail)) if status == 422 else None
    return problem(status, errors=errors, headers=kept)


def _pointed(detail: Any) -> Iterator[dict[str, str]]:
    """What does not fit, by JSON pointer; of the query as `?name`."""
    for location, fields in detail.items() if isinstance(detail, dict) else ():
        for pointer, words in _flat("" if location == "json" else "?", fields):
            yield {"pointer": f"#{pointer}" if location == "json" else pointer.replace("?/", "?", 1), "detail": words}


def _flat(pointer: str, found: Any) -> Iterator[tuple[str, str]]:
    if isinstance(found, dict):
        for name, inner in found.items():
            yield from _flat(f"{pointer}/{name}", inner)
    else:
        yield pointer, " ".join(str(each) for each in (found if isinstance(found, list) else [found]))
