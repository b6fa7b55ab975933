"""Who calls the API: a key of the agency, whose scopes hold the route's. One hook enforces it, as for pages."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g, request
from flask.typing import ResponseReturnValue

from portal.access.api_keys import Caller, Scope, agency_of, caller_of, is_used_again, note_use
from portal.access.limits import API_KEY, API_NETWORK, Counted, Limit, counted, network_of, start_tries
from portal.agencies.models import Agency
from portal.core.audit import Actor
from portal.core.secrets import derive_key
from portal.core.tenancy import reading, writing
from portal.web.api.problems import problem
from portal.web.guards import access_of
from portal.web.services import agency, services
from portal.web.tenancy import AGENCY

View = TypeVar("View", bound=Callable[..., Any])
BAD_KEY = "Send a key that works here: “Authorization: Bearer ppk_…”."


def key_only(scope: Scope) -> Callable[[View], View]:
    """A key of the agency with this scope."""

    def mark(view: View) -> View:
        function: Any = view
        function.__access__ = "key"
        function.__scope__ = scope
        return view

    return mark


def scope_of(app: Flask, endpoint: str) -> Scope | None:
    """The scope that a route needs; None for one that needs no key."""
    return getattr(app.view_functions[endpoint], "__scope__", None)


def caller() -> Caller:
    """The key of this request; the hook has made sure that there is one."""
    return cast(Caller, g.caller)


def actor() -> Actor:
    """Who acts, for the audit: the key by its name and last letters."""
    return Actor("api", f"{caller().name} (…{caller().hint})", request.remote_addr or "")


def init_callers(app: Flask) -> None:
    """Install the hook."""
    app.before_request(_enforce)


def _enforce() -> ResponseReturnValue | None:
    g.agency = None
    if request.endpoint is None or access_of(current_app, request.endpoint) == "deployment":
        return None
    scope = scope_of(current_app, request.endpoint)
    if scope is None:
        raise LookupError(f"{request.endpoint} does not say who may call it")
    given, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip() if given.lower() == "bearer" else ""
    found = _agency_of(token)
    if found is None:
        return problem(401, BAD_KEY)
    g.agency = found
    with reading(services().engine, found.id) as session:
        known = caller_of(session, token)
    if known is None:
        _start(API_NETWORK, network_of(request.remote_addr or ""))
        return problem(401, BAD_KEY)
    _start(API_KEY, str(known.key_id))
    g.caller = known
    if scope not in known.scopes:
        return problem(403, f"This key does not have the scope {scope}.")
    now = services().now()
    if is_used_again(known, now):
        with writing(services().engine, found.id) as session:
            note_use(session, known, now)
    return None


def _agency_of(token: str) -> Agency | None:
    """The agency of a key, if it is also the one of the address; an address may name none."""
    agency_id, slug = agency_of(token), request.environ.get(AGENCY)
    found = services().directory.by_id(agency_id) if agency_id is not None else None
    return found if found is not None and slug in {None, found.slug} else None


def _start(limit: Limit, subject: str) -> None:
    parts = services()
    who: Counted = counted(derive_key(parts.secret, "limits"), limit, subject)
    start_tries(lambda: writing(parts.engine, agency().id), [who], parts.now())
