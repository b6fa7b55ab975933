"""Payments, to read."""

from typing import Any

from portal.access.api_keys import Scope
from portal.reports import api_lists
from portal.reports.api_lists import Row
from portal.web.api.blueprint import routes
from portal.web.api.callers import key_only
from portal.web.api.pages import AccountPageQuery, one, page
from portal.web.api.shapes import PaymentOut, page_of


@routes.get("/payments")
@key_only(Scope.READ_PAYMENTS)
@routes.input(AccountPageQuery, location="query")
@routes.output(page_of(PaymentOut))
def payments(query_data: dict[str, Any]) -> dict[str, Any]:
    """Payments, with what of which invoice each is for."""
    return page(api_lists.payments, query_data)


@routes.get("/payments/<int:payment_id>")
@key_only(Scope.READ_PAYMENTS)
@routes.output(PaymentOut)
def payment(payment_id: int) -> Row:
    """One payment."""
    return one(api_lists.payments, payment_id)
