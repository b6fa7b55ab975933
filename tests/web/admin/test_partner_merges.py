"""Staff see who may be the same, merge after a preview, and undo it; a stale preview merges nothing."""

import re
from html import unescape

from flask import Flask
from sqlalchemy import select

from portal.core.tenancy import writing
from portal.partners.models import Partner
from tests.factories.partners import make_partner
from tests.factories.people import make_agency, make_insured, make_program
from tests.factories.staff import staff_visitor
from tests.web.visitor import engine_of, services_of, words


def test_merged_by_hand_and_undone(app: Flask) -> None:
    agency = make_agency(engine_of(app))
    services_of(app).directory.forget()
    with writing(engine_of(app), agency.id) as session:
        old = make_partner(session, "ana@elm.example", name="Elm, Inc.")
        new = make_partner(session, "ana@elm.example", name="ELM INC", address_line1="9 Oak Street")
    admin = staff_visitor(app, agency, "admin")
    assert staff_visitor(app, agency, "accountant").get("/admin/partner-merges").status_code == 403
    page = admin.get("/admin/partner-merges")
    assert "Elm, Inc. · ELM INC" in words(page)
    assert "Same name, Same e-mail domain" in words(page)
    path = f"/admin/partners/{old.id}/merge/{new.id}"
    seen = re.findall(r'name="seen" value="([^"]+)"', admin.get(path).text)[0]
    with writing(engine_of(app), agency.id) as session:
        make_program(session, make_insured(session), partner_id=new.id)
    stale = admin.post(path, seen=seen)
    assert (stale.status_code, "Something has changed since you looked" in stale.text) == (409, True)
    preview = admin.get(path)
    assert "Programs: 1" in words(preview)
    assert "1 is at both and keeps the stronger role." in words(preview)
    seen = unescape(re.findall(r'name="seen" value="([^"]+)"', preview.text)[0])
    assert admin.post(path, seen=seen).status_code == 303
    after = admin.get("/admin/partner-merges")
    assert "ELM INC into Elm, Inc." in words(after)
    (undo,) = re.findall(r'action="/harbor(/admin/partner-merges/\d+/undo)"', after.text)
    assert admin.post(undo, "/admin/partner-merges").status_code == 303
    with writing(engine_of(app), agency.id) as session:
        assert set(session.scalars(select(Partner.merged_into_id))) == {None}
    assert "undone already" in words(admin.get(admin.post(undo, "/admin/partner-merges").location[7:]))
