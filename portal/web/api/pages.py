"""Lists in pages: the cursor says after which row the next page begins. And one thing alone."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from apiflask import Schema
from apiflask.fields import Integer, String
from apiflask.validators import Length, Range

from portal.core.errors import BadInput, NotFound
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.reports.api_lists import Row, Wanted
from portal.web.units import read_unit

MOST = 100
LARGEST_ID = 10**18 - 1
Read = Callable[[Scoped, Wanted], list[Row]]


class PageQuery(Schema):
    """Which page."""

    limit = Integer(load_default=50, validate=Range(1, MOST), metadata={"description": "rows of a page"})
    cursor = String(validate=Length(1, 40), metadata={"description": "next_cursor of the page before"})


class AccountPageQuery(PageQuery):
    """Which page, of one organization account or of all."""

    organization_account_id = Integer(
        validate=Range(1, LARGEST_ID), metadata={"description": "those of this one alone"}
    )


def page(read: Read, query: dict[str, Any]) -> dict[str, Any]:
    """A page of rows, and the cursor of the next one; None with the last.

    Raises:
        BadInput: a cursor that we did not give out.
    """
    most = query["limit"]
    wanted = Wanted(_after(query.get("cursor")), most + 1, partner_id=query.get("organization_account_id"))
    rows = read(read_unit(), wanted)
    more = len(rows) > most
    return {"data": rows[:most], "next_cursor": _cursor(rows[most - 1]["id"]) if more else None}


def one(read: Read, row_id: int, session: Scoped | None = None) -> Row:
    """One row.

    Raises:
        NotFound: the agency has none with this id.
    """
    rows = read(session or read_unit(), Wanted(row_id=row_id))
    if not rows:
        raise NotFound
    return rows[0]


def _cursor(row_id: int) -> str:
    return base64.urlsafe_b64encode(f"after {row_id}".encode()).decode().rstrip("=")


def _after(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(" ")
        if word == "after" and number.isascii() and number.isdigit() and len(number) <= 18:
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise BadInput(text("This cursor is none of ours. Begin without one."))
