"""The wire: what each path of the contract answers."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.sandbox.bindhq import feed, receipts
from portal.sandbox.bindhq.records import embedded
from portal.sandbox.bindhq.refusals import Refusal
from portal.sandbox.bindhq.store import Json, Records

LARGEST_PAGE = 200


@dataclass(frozen=True)
class Asked:
    """One call.

    Args:
        given: parts of the path.
        query: parameters.
        body: of a POST.
        key: the Idempotency-Key.
    """

    given: dict[str, str]
    query: dict[str, str]
    body: Json
    key: str


Answer = tuple[int, Any]
Endpoint = Callable[[Records, Asked], Answer]


def ping(records: Records, _asked: Asked) -> Answer:
    """Who is asking."""
    return 200, {"client_code": records.setting("client_code"), "api_user": "Payment portal"}


def events(records: Records, asked: Asked) -> Answer:
    """A stretch of the feed."""
    limit = whole(asked, "limit", 100, 500)
    after = feed.position_of(asked.query["after"]) if "after" in asked.query else 0
    begins = int(records.setting("feed_begins_after", "0"))
    if after is None or ("after" in asked.query and after < begins):
        raise Refusal(410, "gone", "The cursor is older than the feed")
    rows, last, more = feed.stretch(records, after, limit)
    return 200, {"data": rows, "next_cursor": feed.cursor_of(max(last, begins)), "has_more": more}


def policies(records: Records, asked: Asked) -> Answer:
    """Policies, changed since."""
    conditions, values = changed_since(asked)
    for name in "policy_number", "status":
        if name in asked.query:
            conditions += f" AND json_extract(body, '$.{name}') = ?"
            values = (*values, asked.query[name])
    status, page = listed(records, asked, "policy", conditions, values)
    page["data"] = [embedded(records, each) for each in page["data"]]
    return status, page


def policy(records: Records, asked: Asked) -> Answer:
    """One policy, with everything around it."""
    return 200, embedded(records, one(records, "policy", asked))


def endorsements(records: Records, asked: Asked) -> Answer:
    """A policy's endorsements."""
    one(records, "policy", asked)
    rows = records.every("endorsement", "parent = ?", (asked.given["id"],))
    return 200, {"data": [with_policy(records, each) for each in rows]}


def endorsement(records: Records, asked: Asked) -> Answer:
    """One endorsement with its policy."""
    return 200, with_policy(records, one(records, "endorsement", asked))


def with_policy(records: Records, body: Json) -> Json:
    """An endorsement as the wire shows it."""
    shown = {name: value for name, value in body.items() if name != "policy_id"}
    return {**shown, "policy": embedded(records, records.find("policy", body["policy_id"]) or {})}


def agencies(records: Records, asked: Asked) -> Answer:
    """Retail agencies, changed since."""
    conditions, values = changed_since(asked)
    if "active" in asked.query:
        conditions += " AND json_extract(body, '$.active') = ?"
        values = (*values, asked.query["active"] == "true")
    return listed(records, asked, "agency", conditions, values)


def agency(records: Records, asked: Asked) -> Answer:
    """One retail agency."""
    return 200, one(records, "agency", asked)


def pages_of(kind: str) -> Endpoint:
    """A list in pages."""
    return lambda records, asked: listed(records, asked, kind)


def all_of(kind: str) -> Endpoint:
    """A list that comes whole."""
    return lambda records, _asked: (200, {"data": records.every(kind)})


def invoices(records: Records, asked: Asked) -> Answer:
    """Invoices of a policy or an endorsement."""
    conditions: str = "1"
    values: tuple[str, ...] = ()
    if "policy_id" in asked.query:
        conditions, values = "parent = ?", (asked.query["policy_id"],)
    for name in "endorsement_id", "status":
        if name in asked.query:
            conditions += f" AND json_extract(body, '$.{name}') = ?"
            values = (*values, asked.query[name])
    return listed(records, asked, "invoice", conditions, values)


def find_receipts(records: Records, asked: Asked) -> Answer:
    """Receipts by external id."""
    conditions, values = ("parent = ?", (asked.query["external_id"],)) if "external_id" in asked.query else ("1", ())
    return 200, {"data": records.every("receipt", conditions, values)}


def receipt(records: Records, asked: Asked) -> Answer:
    """One receipt."""
    return 200, one(records, "receipt", asked)


def create_receipt(records: Records, asked: Asked) -> Answer:
    """Make a receipt."""
    return receipts.create(records, asked.key, asked.body)


def void_receipt(records: Records, asked: Asked) -> Answer:
    """Take a receipt back."""
    return 200, receipts.void(records, asked.given["id"], str(asked.body.get("reason", "")))


ENDPOINTS: dict[str, tuple[str, str, Endpoint]] = {
    "ping": ("GET", "/ping", ping),
    "events.list": ("GET", "/events", events),
    "policies.list": ("GET", "/policies", policies),
    "policies.get": ("GET", "/policies/{id}", policy),
    "endorsements.list": ("GET", "/policies/{id}/endorsements", endorsements),
    "endorsements.get": ("GET", "/endorsements/{id}", endorsement),
    "agencies.list": ("GET", "/agencies", agencies),
    "agencies.get": ("GET", "/agencies/{id}", agency),
    "users.list": ("GET", "/users", pages_of("user")),
    "carriers.list": ("GET", "/carriers", pages_of("carrier")),
    "marketing_companies.list": ("GET", "/marketing_companies", pages_of("marketing_company")),
    "coverage_types.list": ("GET", "/coverage_types", all_of("coverage_type")),
    "gl_accounts.list": ("GET", "/gl_accounts", all_of("gl_account")),
    "invoices.list": ("GET", "/invoices", invoices),
    "receipts.list": ("GET", "/receipts", find_receipts),
    "receipts.create": ("POST", "/receipts", create_receipt),
    "receipts.get": ("GET", "/receipts/{id}", receipt),
    "receipts.void": ("POST", "/receipts/{id}/void", void_receipt),
}
PATTERNS = [
    (name, method, re.compile(path.replace("{id}", r"(?P<id>[^/]+)")), endpoint)
    for name, (method, path, endpoint) in ENDPOINTS.items()
]


def route(method: str, path: str) -> tuple[str, dict[str, str], Endpoint]:
    """The endpoint of a path: its name, the parts of the path, what answers.

    Raises:
        Refusal: there is none.
    """
    for name, its_method, pattern, endpoint in PATTERNS:
        match = pattern.fullmatch(path) if its_method == method else None
        if match:
            return name, match.groupdict(), endpoint
    raise Refusal(404, "not_found", f"{method} {path} is not there")


def one(records: Records, kind: str, asked: Asked) -> Json:
    """The record that the path names. Raises Refusal."""
    body = records.find(kind, asked.given["id"])
    if body is None:
        raise Refusal(404, "not_found", f"no {kind} {asked.given['id']}")
    return body


def whole(asked: Asked, name: str, otherwise: int, most: int) -> int:
    """A number in the query. Raises Refusal."""
    given = asked.query.get(name, str(otherwise))
    if not given.isdecimal() or not 1 <= int(given) <= most:
        raise Refusal(422, "validation_failed", f"{name} is a number from 1 to {most}", f"/{name}")
    return int(given)


def changed_since(asked: Asked) -> tuple[str, tuple[Any, ...]]:
    """The condition for what changed since a time, inclusive."""
    since = asked.query.get("updated_since")
    return ("updated_at >= ?", (since,)) if since else ("1", ())


def listed(
    records: Records, asked: Asked, kind: str, conditions: str = "1", values: tuple[Any, ...] = ()
) -> tuple[int, Json]:
    """One page of a list."""
    page, size = whole(asked, "page", 1, 1_000_000), whole(asked, "per_page", 50, LARGEST_PAGE)
    total = records.count(kind, conditions, values)
    tail = "ORDER BY seq LIMIT ? OFFSET ?"
    rows = records.every(kind, conditions, (*values, size, (page - 1) * size), tail)
    pages = -(-total // size)
    meta = {"page": page, "per_page": size, "total_count": total, "total_pages": pages}
    return 200, {"data": rows, "meta": {**meta, "next_page": page + 1 if page < pages else None}}


def body_of(raw: bytes) -> Json:
    """The JSON of a POST. Raises Refusal."""
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(422, "validation_failed", "the body is no JSON object")
    return body
