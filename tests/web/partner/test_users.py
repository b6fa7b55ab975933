"""A partner's admins manage its users; the others look. Through HTTP, on both databases."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import reading, writing
from portal.partners.models import Partner, PartnerUser
from tests.factories.partners import make_partner, make_partner_user, partner_visitor
from tests.factories.people import make_agency
from tests.web.visitor import Visitor, engine_of, set_clock, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
DANA, PAT = "dana@northgate.example", "pat@northgate.example"
KIM = {"first_name": "Kim", "last_name": "Lee", "email": "kim@northgate.example", "role": "pay", "locale": "en_US"}


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


@pytest.fixture
def partner(app: Flask, agency: Agency) -> Partner:
    with writing(engine_of(app), agency.id) as session:
        partner = make_partner(session, DANA)
        make_partner_user(session, partner, PAT, "pay")
        return partner


@pytest.fixture
def dana(app: Flask, agency: Agency, partner: Partner) -> Visitor:
    return partner_visitor(app, agency, DANA)


def of(app: Flask, agency: Agency, email: str) -> PartnerUser:
    with reading(engine_of(app), agency.id) as session:
        return session.scalars(select(PartnerUser).where(PartnerUser.email == email)).one()


def test_invited_changed_and_removed(app: Flask, agency: Agency, partner: Partner, dana: Visitor) -> None:
    users = f"/partner/{partner.id}/users"
    refused = dana.post(f"{users}/invite", **(KIM | {"email": "kim", "role": ""}))
    assert refused.status_code == 422
    assert 'value="Kim"' in refused.text and "Choose what they may do." in words(refused)
    assert dana.post(f"{users}/invite", **(KIM | {"email": PAT})).status_code == 422
    assert dana.post(f"{users}/invite", **KIM).location == f"/harbor{users}"
    assert "They can come in now." in words(dana.get(users))
    kim = Visitor(app, agency)
    assert kim.sign_in("kim@northgate.example").location == "/harbor/account/partners"
    one = f"{users}/{of(app, agency, 'kim@northgate.example').id}"
    dana.post(f"{one}/role", one, role="admin")
    assert kim.get(f"{users}/invite").status_code == 200
    kim.post(f"{users}/{of(app, agency, DANA).id}/role", users, role="view")
    assert dana.get(f"{users}/invite").status_code == 403
    assert dana.get(users).status_code == 200
    assert kim.post(f"{one}/remove", users).status_code == 422
    kim.post(f"{users}/{of(app, agency, PAT).id}/remove", users)
    assert of(app, agency, PAT).state == "removed"
    assert "Removed" in words(kim.get(users))


def test_another_domain_waits_until_an_admin_approves(
    app: Flask, agency: Agency, partner: Partner, dana: Visitor
) -> None:
    users = f"/partner/{partner.id}/users"
    dana.post(f"{users}/invite", **(KIM | {"email": "lee@books.example"}))
    assert "Waits for approval" in words(dana.get(users))
    lee = of(app, agency, "lee@books.example")
    stranger = Visitor(app, agency)
    stranger.post("/sign-in", email=lee.email)
    dana.post(f"{users}/{lee.id}/approve", f"{users}/{lee.id}")
    assert Visitor(app, agency).sign_in(lee.email).location == "/harbor/account/partners"


def test_the_last_admin_stays_and_others_only_look(app: Flask, agency: Agency, partner: Partner, dana: Visitor) -> None:
    users = f"/partner/{partner.id}/users"
    pat = partner_visitor(app, agency, PAT)
    page = pat.get(users)
    assert DANA in words(page) and "/invite" not in page.text
    own = of(app, agency, PAT).id
    for path in (f"{users}/invite", f"{users}/{own}"):
        assert pat.get(path).status_code == 403
    for action in ("role", "approve", "remove"):
        assert pat.post(f"{users}/{own}/{action}", users, role="admin").status_code == 403
    with writing(engine_of(app), agency.id) as session:
        other = make_partner(session, "rob@elsewhere.example")
    rob = of(app, agency, "rob@elsewhere.example").id
    for action in ("role", "approve", "remove"):
        assert dana.post(f"{users}/{rob}/{action}", users, role="view").status_code == 404
        assert dana.post(f"/partner/{other.id}/users/{rob}/{action}", users, role="view").status_code == 404
    assert of(app, agency, "rob@elsewhere.example").state == "active"
