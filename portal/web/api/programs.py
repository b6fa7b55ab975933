"""Programs, to read."""

from typing import Any

from portal.access.api_keys import Scope
from portal.reports import api_lists
from portal.reports.api_lists import Row
from portal.web.api.blueprint import routes
from portal.web.api.callers import key_only
from portal.web.api.pages import AccountPageQuery, one, page
from portal.web.api.shapes import ProgramOut, page_of


@routes.get("/programs")
@key_only(Scope.READ_PROGRAMS)
@routes.input(AccountPageQuery, location="query")
@routes.output(page_of(ProgramOut))
def programs(query_data: dict[str, Any]) -> dict[str, Any]:
    """Programs with their policies."""
    return page(api_lists.programs, query_data)


@routes.get("/programs/<int:program_id>")
@key_only(Scope.READ_PROGRAMS)
@routes.output(ProgramOut)
def program(program_id: int) -> Row:
    """One program."""
    return one(api_lists.programs, program_id)
