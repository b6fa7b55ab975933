"""Invoices, to read."""

from typing import Any

from portal.access.api_keys import Scope
from portal.reports import api_lists
from portal.reports.api_lists import Row
from portal.web.api.blueprint import routes
from portal.web.api.callers import key_only
from portal.web.api.pages import AccountPageQuery, one, page
from portal.web.api.shapes import InvoiceOut, page_of


@routes.get("/invoices")
@key_only(Scope.READ_INVOICES)
@routes.input(AccountPageQuery, location="query")
@routes.output(page_of(InvoiceOut))
def invoices(query_data: dict[str, Any]) -> dict[str, Any]:
    """Invoices with their lines."""
    return page(api_lists.invoices, query_data)


@routes.get("/invoices/<int:invoice_id>")
@key_only(Scope.READ_INVOICES)
@routes.output(InvoiceOut)
def invoice(invoice_id: int) -> Row:
    """One invoice."""
    return one(api_lists.invoices, invoice_id)
