"""Organization accounts: the agency's partners."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from flask import Response

from portal.access.api_keys import Scope
from portal.core.tenancy import Scoped
from portal.imports.cells import read_phone
from portal.partners.accounts import (
    PartnerDraft,
    archive_partner,
    create_partner,
    edit_partner,
    partner_of,
    unarchive_partner,
)
from portal.reports import api_lists
from portal.reports.api_lists import Row
from portal.web.api.blueprint import routes
from portal.web.api.callers import actor, key_only
from portal.web.api.once import once
from portal.web.api.pages import PageQuery, one, page
from portal.web.api.shapes import AccountChange, AccountNew, AccountOut, page_of
from portal.web.services import services

RATES = ("kept_commission_rate", "commission_rate")


@routes.get("/organization-accounts")
@key_only(Scope.READ_ACCOUNTS)
@routes.input(PageQuery, location="query")
@routes.output(page_of(AccountOut))
def accounts(query_data: dict[str, Any]) -> dict[str, Any]:
    """Organization accounts, the oldest first; those merged into others are left out."""
    return page(api_lists.accounts, query_data)


@routes.post("/organization-accounts")
@key_only(Scope.WRITE_ACCOUNTS)
@routes.input(AccountNew)
@routes.output(AccountOut, status_code=201)
def add_account(json_data: dict[str, Any]) -> Response:
    """Add an organization account. Its contact becomes its first admin and gets a welcome mail."""

    def do(session: Scoped) -> Row:
        partner = create_partner(session, PartnerDraft(**_values(json_data)), actor(), services().now())
        return one(api_lists.accounts, partner.id, session)

    return once(AccountOut, 201, do)


@routes.get("/organization-accounts/<int:account_id>")
@key_only(Scope.READ_ACCOUNTS)
@routes.output(AccountOut)
def account(account_id: int) -> Row:
    """One organization account. One that was merged says into which."""
    return one(api_lists.accounts, account_id)


@routes.patch("/organization-accounts/<int:account_id>")
@key_only(Scope.WRITE_ACCOUNTS)
@routes.input(AccountChange)
@routes.output(AccountOut)
def change_account(account_id: int, json_data: dict[str, Any]) -> Response:
    """Change an organization account: what is sent changes, for new policies only."""

    def do(session: Scoped) -> Row:
        by, at, wished = actor(), services().now(), dict(json_data)  # it may be done anew
        partner = partner_of(session, account_id)
        archived = wished.pop("archived", partner.archived_at is not None)
        draft = PartnerDraft(**{each.name: getattr(partner, each.name) for each in fields(PartnerDraft)})
        edit_partner(session, account_id, replace(draft, **_values(wished)), by, at)
        if archived != (partner.archived_at is not None):
            (archive_partner if archived else unarchive_partner)(session, account_id, by, at)
        return one(api_lists.accounts, account_id, session)

    return once(AccountOut, 200, do)


def _values(data: dict[str, Any]) -> dict[str, Any]:
    """What was sent, as a draft holds it: rates are exact, a phone number is written as the pages write it."""
    read: dict[str, Any] = {
        name: Decimal(value) if name in RATES and value is not None else value for name, value in data.items()
    }
    if read.get("phone"):
        read["phone"] = read_phone(read["phone"])
    return read
