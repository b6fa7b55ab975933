"""What the agency's own systems can do: add, change and read, once for each Idempotency-Key, and never elsewhere."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal.access.api_keys import Scope, keys, revoke_key
from portal.access.limits import Limit
from portal.access.models import ApiAnswer
from portal.agencies.models import Agency
from portal.core.audit import SYSTEM, AuditEntry
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, writing
from portal.partners.models import Partner, PartnerReference
from portal.web.api import callers
from portal.web.api import once as once_module
from portal.web.api.application import EXTENSION
from portal.web.api.callers import scope_of
from tests.factories.partners import make_partner
from tests.factories.payments import make_line, make_payment
from tests.factories.people import make_agency, make_insured, make_invoice, make_policy, make_program
from tests.web.api.conftest import Robot
from tests.web.visitor import engine_of, services_of, wait

ACCOUNT: dict[str, Any] = {
    "kind": "retail",
    "name": "Bluewater Brokers LLC",
    "address_line1": "5 Pier Street",
    "city": "Boston",
    "state": "MA",
    "postal_code": "02110",
    "contact_first_name": "Bea",
    "contact_last_name": "Water",
    "contact_email": "Bea@Bluewater.example",
    "bills_agency": True,
    "due_days": 20,
    "bills_direct": True,
    "commission_rate": "0.125",
}


def test_an_account_is_added_changed_and_read(app: Flask, agency: Agency, robot: Robot) -> None:
    added = robot.call("POST", "/organization-accounts", ACCOUNT)
    assert added.status_code == 201
    account = added.json
    assert account is not None
    assert (account["contact_email"], account["commission_rate"], account["kept_commission_rate"]) == (
        "bea@bluewater.example",
        "0.125",
        None,
    )
    path = f"/organization-accounts/{account['id']}"
    changed = robot.call("PATCH", path, {"city": "Salem", "archived": True})
    assert (changed.json["city"], changed.json["name"]) == ("Salem", ACCOUNT["name"])
    assert changed.json["archived_at"].endswith("+00:00")
    assert robot.call("GET", path).json == changed.json
    assert robot.call("GET", "/organization-accounts").json == {"data": [changed.json], "next_cursor": None}
    with reading(engine_of(app), agency.id) as session:
        query = select(AuditEntry).where(AuditEntry.action.startswith("partner."))
        entries = session.scalars(query.order_by(AuditEntry.id)).all()
        assert [entry.action for entry in entries] == ["partner.added", "partner.changed", "partner.archived"]
        assert {(entry.actor_kind, entry.actor[:11]) for entry in entries} == {("api", "Back office")}
        mails = select(func.count(OutboxRow.id)).where(OutboxRow.kind == "mail.partner_news")
        assert session.scalar(mails) == 1


def test_users_come_in_by_the_same_rule_as_elsewhere(app: Flask, agency: Agency, robot: Robot) -> None:
    account_id = robot.call("POST", "/organization-accounts", ACCOUNT).json["id"]
    user = {"organization_account_id": account_id, "role": "pay", "first_name": "Al"}
    near = robot.call("POST", "/users", user | {"email": "al@bluewater.example"})
    far = robot.call("POST", "/users", user | {"email": "al@elsewhere.example"})
    assert (near.status_code, near.json["state"], far.json["state"]) == (201, "invited", "held")
    again = robot.call("POST", "/users", user | {"email": "al@bluewater.example"})
    assert (again.status_code, again.json["type"]) == (409, "urn:portal:problem:conflict")
    path = f"/users/{near.json['id']}"
    assert robot.call("PATCH", path, {"role": "view"}).json["role"] == "view"
    assert robot.call("PATCH", path, {"removed": True}).json["state"] == "removed"
    listed = robot.call("GET", f"/users?organization_account_id={account_id}").json["data"]
    assert [row["email"] for row in listed] == ["bea@bluewater.example", "al@bluewater.example", "al@elsewhere.example"]
    last = robot.call("PATCH", f"/users/{listed[0]['id']}", {"role": "view"})
    assert (last.status_code, "last admin" in last.json["detail"]) == (409, True)


def test_addresses_and_phone_numbers_are_read_as_on_the_pages(robot: Robot) -> None:
    """Else the same partner, entered here and there, would not be found to be the same."""
    wrong = {"state": "Massachusetts", "postal_code": "2110", "phone": "call me"}
    refused = robot.call("POST", "/organization-accounts", ACCOUNT | wrong)
    assert {each["pointer"] for each in refused.json["errors"]} == {"#/state", "#/postal_code", "#/phone"}
    added = robot.call("POST", "/organization-accounts", ACCOUNT | {"phone": "(617) 555 0182"}).json
    assert (added["state"], added["postal_code"], added["phone"]) == ("MA", "02110", "617-555-0182")
    path = f"/organization-accounts/{added['id']}"
    assert robot.call("PATCH", path, {"phone": "x"}).json["errors"][0]["pointer"] == "#/phone"
    assert robot.call("PATCH", path, {"phone": ""}).json["phone"] == ""


def test_the_same_key_does_it_once(app: Flask, agency: Agency, robot: Robot) -> None:
    first = robot.call("POST", "/organization-accounts", ACCOUNT, once="a-1")
    again = robot.call("POST", "/organization-accounts", ACCOUNT, once="a-1")
    assert (again.status_code, again.data) == (201, first.data)
    other = robot.call("POST", "/organization-accounts", ACCOUNT | {"name": "Other"}, once="a-1")
    assert (other.status_code, "Idempotency-Key" in other.json["detail"]) == (422, True)
    wrong = robot.call("POST", "/organization-accounts", ACCOUNT | {"contact_email": "x@y"}, once="a-2")
    right = robot.call("POST", "/organization-accounts", ACCOUNT | {"name": "Second"}, once="a-2")
    assert (wrong.status_code, right.status_code) == (422, 201), "what failed has done nothing"
    wait(app, days=1)
    assert robot.call("POST", "/organization-accounts", ACCOUNT | {"name": "Third"}, once="a-1").status_code == 201
    with reading(engine_of(app), agency.id) as session:
        assert session.scalar(select(func.count(Partner.id))) == 3
        assert session.scalar(select(func.count(ApiAnswer.id))) == 2


def test_programs_invoices_and_payments_are_read_in_pages(app: Flask, agency: Agency, robot: Robot) -> None:
    with writing(engine_of(app), agency.id) as session:
        partner = make_partner(session)
        session.add(PartnerReference(partner_id=partner.id, system="bindhq", external_id="77"))
        insured = make_insured(session, name="Riverside Bakery")
        for _ in range(3):
            program = make_program(session, insured, partner_id=partner.id, billing_type="agency_bill")
            make_policy(session, program, "CPS 0071234", premium_cents=123_45)
            invoice = make_invoice(session, insured, program, partner_id=partner.id, total_cents=123_45)
            make_line(session, invoice, "Premium")
        payment = make_payment(session, invoice)
        make_program(session, insured)
    first = robot.call("GET", "/invoices?limit=2").json
    rest = robot.call("GET", f"/invoices?limit=2&cursor={first['next_cursor']}").json
    assert [len(first["data"]), len(rest["data"]), rest["next_cursor"]] == [2, 1, None]
    assert [row["total_cents"] for row in (*first["data"], *rest["data"])] == [123_45] * 3
    assert first["data"][0]["lines"][0]["label"] == "Premium"
    program_page = robot.call("GET", f"/programs?organization_account_id={partner.id}").json["data"]
    assert [row["policies"][0]["premium_cents"] for row in program_page] == [123_45] * 3
    assert program_page[0]["insured_name"] == "Riverside Bakery"
    paid = robot.call("GET", f"/payments?organization_account_id={partner.id}").json["data"]
    assert [(row["id"], row["invoices"][0]["invoice_id"]) for row in paid] == [(payment.id, invoice.id)]
    names = robot.call("GET", f"/organization-accounts/{partner.id}").json["external_references"]
    assert names == [{"system": "bindhq", "external_id": "77"}]
    assert robot.call("GET", "/invoices?cursor=nonsense").status_code == 422
    assert robot.call("GET", "/invoices?limit=0").json["errors"][0]["pointer"] == "?limit"


def test_every_failure_is_a_problem(app: Flask, agency: Agency, robot: Robot, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = robot.call("POST", "/organization-accounts", ACCOUNT | {"due_days": "20", "colour": "red"})
    assert {each["pointer"] for each in wrong.json["errors"]} == {"#/due_days", "#/colour"}
    failures = {
        404: robot.call("GET", "/nothing"),
        405: robot.call("DELETE", "/users"),
        415: robot._client.post("/api/v1/users", data="x=1", headers={"Authorization": f"Bearer {robot.token}"}),
        401: robot.call("GET", "/users", Authorization="Bearer nonsense"),
        422: wrong,
        403: Robot(app, agency, [Scope.READ_USERS]).call("GET", "/invoices"),
    }
    monkeypatch.setattr(callers, "API_KEY", Limit("api.key", 0, timedelta(minutes=1)))
    failures[429] = robot.call("GET", "/users")
    assert failures[429].headers["Retry-After"] == "60"
    assert failures[405].headers["Allow"]
    for status, answer in failures.items():
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), status
        assert answer.json["status"] == status
        assert answer.json["title"]
        assert answer.json["detail"]
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
    page = app.test_client().get(f"/{agency.slug}/nothing")
    assert (page.status_code, page.mimetype) == (404, "text/html")


def test_a_key_works_in_its_agency_until_it_is_ended(app: Flask, agency: Agency, robot: Robot) -> None:
    cedar = make_agency(engine_of(app), "cedar")
    services_of(app).directory.forget()
    assert robot.call("GET", "/users", slug=agency.slug).status_code == 200
    assert robot.call("GET", "/users", slug=cedar.slug).status_code == 401
    assert robot.call("GET", "/users", Authorization=f"Basic {robot.token}").status_code == 401
    elsewhere = robot.token.replace(f"ppk_{agency.id}_", f"ppk_{cedar.id}_")
    assert robot.call("GET", "/users", Authorization=f"Bearer {elsewhere}").status_code == 401
    with writing(engine_of(app), agency.id) as session:
        (row,) = keys(session)
        assert row.last_used_at == services_of(app).now() or row.last_used_at is not None
        assert robot.token not in str({column: getattr(row, column) for column in row.__table__.c.keys()})  # noqa: SIM118
        revoke_key(session, row.id, SYSTEM, services_of(app).now())
    assert robot.call("GET", "/users").status_code == 401


def test_nothing_of_another_agency_is_there(app: Flask, agency: Agency, robot: Robot) -> None:
    """Every address with an id, and ids in bodies and queries."""
    cedar = make_agency(engine_of(app), "cedar")
    services_of(app).directory.forget()
    with writing(engine_of(app), cedar.id) as session:
        partner = make_partner(session, "cleo@zebra.example", name="Zebra Brokers")
        insured = make_insured(session)
        program = make_program(session, insured, partner_id=partner.id)
        invoice = make_invoice(session, insured, program, partner_id=partner.id)
        make_payment(session, invoice)
    api: Flask = app.extensions[EXTENSION]
    theirs = Robot(app, cedar)
    for rule in api.url_map.iter_rules():
        if rule.endpoint == "openapi.spec":
            continue
        assert scope_of(api, rule.endpoint) is not None, rule
        if not rule.arguments:
            if "GET" in (rule.methods or ()):
                assert robot.call("GET", str(rule)).json["data"] == [], rule
                assert len(theirs.call("GET", str(rule)).json["data"]) == 1, rule
            continue
        collection = str(rule).partition("<")[0].rstrip("/")
        row_id = theirs.call("GET", collection).json["data"][0]["id"]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = robot.call(method, f"{collection}/{row_id}", {} if method == "PATCH" else None)
            never = robot.call(method, f"{collection}/98765432", {} if method == "PATCH" else None)
            assert (answer.status_code, answer.data) == (404, never.data), rule
    user = {"organization_account_id": partner.id, "email": "al@zebra.example", "role": "admin"}
    assert robot.call("POST", "/users", user).status_code == 404
    assert robot.call("GET", f"/invoices?organization_account_id={partner.id}").json["data"] == []


def test_what_no_database_keeps_is_refused_with_its_place(robot: Robot) -> None:
    """Half a character, as JSON can write one; and a body that is nothing but brackets."""
    for field, odd in (("name", "Blue\ud800water"), ("contact_first_name", "\udfff"), ("city", "Bos\0ton")):
        answer = robot.call("POST", "/organization-accounts", ACCOUNT | {field: odd})
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"#/{field}")
    deep = robot._client.post(
        "/api/v1/organization-accounts",
        data="[" * 100_000,
        content_type="application/json",
        headers={"Authorization": f"Bearer {robot.token}"},
    )
    assert deep.status_code == 400


def test_a_request_that_is_tried_again_inside_does_all_it_asks(robot: Robot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that two processes keep in the same moment: the second one begins anew."""
    account = robot.call("POST", "/organization-accounts", ACCOUNT).json
    kept, fails = once_module.keep_answer, [True]

    def keep(*values: Any) -> None:
        if fails.pop() if fails else False:
            raise IntegrityError("", {}, Exception())
        kept(*values)

    monkeypatch.setattr(once_module, "keep_answer", keep)
    changed = robot.call("PATCH", f"/organization-accounts/{account['id']}", {"archived": True}, once="a-key")
    assert changed.status_code == 200
    assert changed.json["archived_at"] is not None
