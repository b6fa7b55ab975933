"""Who comes in for a partner: sign-in, the chooser, several partners, roles, strangers. Through HTTP."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import reading, writing
from portal.partners.models import Partner, PartnerUser
from tests.factories.partners import make_partner, make_partner_user, partner_visitor
from tests.factories.people import make_agency, make_insured, make_invoice
from tests.factories.staff import staff_email, staff_visitor
from tests.web.visitor import Visitor, engine_of, set_clock, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
DANA = "dana@northgate.example"


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


@pytest.fixture
def partner(app: Flask, agency: Agency) -> Partner:
    with writing(engine_of(app), agency.id) as session:
        return make_partner(session, DANA)


def test_the_first_sign_in_leads_home_and_the_figures_are_there(app: Flask, agency: Agency, partner: Partner) -> None:
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session)
        for day, cents in (("2026-07-01", 10_000), ("2026-07-20", 20_000), ("2026-09-20", 40_000)):
            due = datetime.fromisoformat(day).date()
            make_invoice(session, insured, due_date=due, total_cents=cents, partner_id=partner.id)
        make_invoice(session, insured, total_cents=77_777)
        session.get_one(PartnerUser, 1).state = "invited"
    dana = Visitor(app, agency)
    assert dana.sign_in(DANA).location == "/harbor/account/partners"
    assert dana.get("/account/partners").location == f"/harbor/partner/{partner.id}/"
    page = words(dana.get(f"/partner/{partner.id}/"))
    for figure in ("Overdue $100.00", "Due in 30 days $200.00", "Due later $400.00"):
        assert figure in page
    assert "777" not in page
    assert dana.get("/").location == "/harbor/account/partners"
    with reading(engine_of(app), agency.id) as session:
        assert session.scalars(select(PartnerUser.state)).all() == ["active"]


def test_somebody_with_three_hats_chooses(app: Flask, agency: Agency, partner: Partner) -> None:
    staff_visitor(app, agency, "support")
    nadia = staff_email(agency, "support")
    with writing(engine_of(app), agency.id) as session:
        make_insured(session, nadia)
        make_partner_user(session, session.get_one(Partner, partner.id), nadia, "view")
    visitor = Visitor(app, agency)
    assert visitor.sign_in(nadia).location == "/harbor/account/choose"
    page = words(visitor.get("/account/choose"))
    assert "My own policies" in page and "My company" in page and "My work at the agency" in page
    assert "My work at the agency" in words(visitor.get(f"/partner/{partner.id}/"))
    assert visitor.get(f"/partner/{partner.id}/users").status_code == 200


def test_who_works_for_two_partners_chooses_and_strangers_find_nothing(
    app: Flask, agency: Agency, partner: Partner
) -> None:
    with writing(engine_of(app), agency.id) as session:
        other, third = make_partner(session, DANA, name="Second Office"), make_partner(session)
        make_partner_user(session, third, DANA, state="held")
        make_partner_user(session, third, "kim@northgate.example", state="removed")
    dana = partner_visitor(app, agency, DANA)
    page = dana.get("/account/partners")
    assert "Second Office" in words(page) and f'href="/harbor/partner/{other.id}/"' in page.text
    assert dana.get(f"/partner/{third.id}/").status_code == 404
    assert Visitor(app, agency).get(f"/partner/{partner.id}/").location == (
        f"/harbor/sign-in?next=/partner/{partner.id}/"
    )
    assert staff_visitor(app, agency, "admin").get(f"/partner/{partner.id}/").status_code == 404


def test_whoever_is_removed_is_out_at_once(app: Flask, agency: Agency, partner: Partner) -> None:
    dana = partner_visitor(app, agency, DANA)
    assert dana.get(f"/partner/{partner.id}/").status_code == 200
    with writing(engine_of(app), agency.id) as session:
        session.scalars(select(PartnerUser)).one().state = "removed"
    assert dana.get(f"/partner/{partner.id}/").status_code == 404
    assert dana.get("/account/partners").status_code == 404
