"""Users of organization accounts."""

from typing import Any

from flask import Response

from portal.access.api_keys import Scope
from portal.core.tenancy import Scoped
from portal.partners.accounts import partner_of
from portal.partners.users import UserDraft, add_user, change_role, remove_user
from portal.reports import api_lists
from portal.reports.api_lists import Row
from portal.web.api.blueprint import routes
from portal.web.api.callers import actor, key_only
from portal.web.api.once import once
from portal.web.api.pages import AccountPageQuery, one, page
from portal.web.api.shapes import UserChange, UserNew, UserOut, page_of
from portal.web.services import services


@routes.get("/users")
@key_only(Scope.READ_USERS)
@routes.input(AccountPageQuery, location="query")
@routes.output(page_of(UserOut))
def users(query_data: dict[str, Any]) -> dict[str, Any]:
    """Users of organization accounts, those removed too."""
    return page(api_lists.users, query_data)


@routes.post("/users")
@key_only(Scope.WRITE_USERS)
@routes.input(UserNew)
@routes.output(UserOut, status_code=201)
def add_account_user(json_data: dict[str, Any]) -> Response:
    """Let somebody in. One with another e-mail domain than the account's admins is held until somebody approves."""

    def do(session: Scoped) -> Row:
        partner = partner_of(session, json_data["organization_account_id"])
        draft = UserDraft(**{name: json_data[name] for name in ("email", "role", "first_name", "last_name")})
        user = add_user(session, partner.id, draft, "imported", actor(), services().now())
        return one(api_lists.users, user.id, session)

    return once(UserOut, 201, do)


@routes.get("/users/<int:user_id>")
@key_only(Scope.READ_USERS)
@routes.output(UserOut)
def user(user_id: int) -> Row:
    """One user."""
    return one(api_lists.users, user_id)


@routes.patch("/users/<int:user_id>")
@key_only(Scope.WRITE_USERS)
@routes.input(UserChange)
@routes.output(UserOut)
def change_user(user_id: int, json_data: dict[str, Any]) -> Response:
    """Give a user another role, or let them in no more (`"removed": true`). The last admin stays."""

    def do(session: Scoped) -> Row:
        by, at = actor(), services().now()
        row = one(api_lists.users, user_id, session)
        partner_id = partner_of(session, row["partner_id"]).id
        if json_data.get("role", row["role"]) != row["role"]:
            change_role(session, partner_id, user_id, json_data["role"], by, at)
        if "removed" in json_data and row["state"] != "removed":
            remove_user(session, partner_id, user_id, by, at)
        return one(api_lists.users, user_id, session)

    return once(UserOut, 200, do)
