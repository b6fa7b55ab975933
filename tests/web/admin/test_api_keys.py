"""An admin makes a key, sees it once, and ends it; the audit says so."""

import re

from flask import Flask
from sqlalchemy import select

from portal.core.audit import AuditEntry
from portal.core.tenancy import reading
from tests.factories.people import make_agency
from tests.factories.staff import staff_visitor
from tests.web.visitor import engine_of, services_of, words


def test_a_key_is_shown_once_and_ended(app: Flask) -> None:
    agency = make_agency(engine_of(app))
    services_of(app).directory.forget()
    admin = staff_visitor(app, agency, "admin")
    empty = admin.post("/admin/api-keys", name=" ", scopes=[])
    assert empty.status_code == 422
    assert "Choose what the key may do." in empty.text
    made = admin.post("/admin/api-keys", name="Books", scopes=["invoices:read", "payments:read"])
    (token,) = set(re.findall(r"ppk_[\w-]+", made.text))
    assert token not in admin.get("/admin/api-keys").text
    assert "Read invoices · Read payments" in words(admin.get("/admin/api-keys"))
    robot = app.test_client()
    sent = {"Authorization": f"Bearer {token}"}
    assert robot.get(f"/{agency.slug}/api/v1/invoices", headers=sent).status_code == 200
    assert robot.get("/api/v1/users", headers=sent).status_code == 403
    page = admin.get("/admin/api-keys").text
    assert "never used" not in page
    (end,) = re.findall(r'action="/harbor(/admin/api-keys/\d+/end)"', page)
    assert "The key works no more." in words(admin.get(admin.post(end, "/admin/api-keys").location[7:]))
    assert robot.get("/api/v1/invoices", headers=sent).status_code == 401
    with reading(engine_of(app), agency.id) as session:
        query = select(AuditEntry.action).where(AuditEntry.action.startswith("api_key")).order_by(AuditEntry.id)
        found = session.scalars(query).all()
        details = str([entry.detail for entry in session.scalars(select(AuditEntry))])
    assert found == ["api_key.created", "api_key.revoked"]
    assert token not in details
