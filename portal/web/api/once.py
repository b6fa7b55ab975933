"""Do what a POST or PATCH asks, once for each Idempotency-Key."""

from collections.abc import Callable

from apiflask import Schema
from flask import Response, current_app, request
from sqlalchemy.exc import IntegrityError

from portal.access.api_answers import fingerprint, keep_answer, kept_answer
from portal.core.errors import BadInput
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.reports.api_lists import Row
from portal.web.api.callers import caller
from portal.web.services import services
from portal.web.units import write_unit

HEADER = "Idempotency-Key"
LONGEST = 200


def once(schema: type[Schema], status: int, do: Callable[[Scoped], Row]) -> Response:
    """Answer with what `do` returns.

    The same key with the same request is answered the same, and nothing is done again; of two at the same moment
    one waits for the other. A request that failed has done nothing and may be sent again with its key.

    Args:
        status: of the answer.
        do: works in the write unit that it is given.

    Raises:
        BadInput: the key came with another request before, or is no key.
    """
    wished = request.headers.get(HEADER)
    if wished is not None and not (0 < len(wished) <= LONGEST and wished.isascii() and wished.isprintable()):
        raise BadInput(text("An Idempotency-Key has 1 to %(most)s plain letters.", most=LONGEST))
    try:
        return _once(schema, status, do, wished)
    except IntegrityError:
        return _once(schema, status, do, wished)


def _once(schema: type[Schema], status: int, do: Callable[[Scoped], Row], wished: str | None) -> Response:
    now, key_id = services().now(), caller().key_id
    of = fingerprint(request.method, request.path, request.get_data(cache=True))
    with write_unit() as session:
        kept = kept_answer(session, key_id, wished, of, now) if wished is not None else None
        if kept is not None:
            return _answer(kept.body, kept.status)
        body = current_app.json.dumps(schema().dump(do(session)))
        if wished is not None:
            keep_answer(session, key_id, wished, of, status, body, now)
    return _answer(body, status)


def _answer(body: str, status: int) -> Response:
    return Response(body, status, content_type="application/json")
