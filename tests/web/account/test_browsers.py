"""Where one is signed in, time-outs, and which hat to wear; over HTTP on both databases."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from portal.access.models import SignInSession
from portal.agencies.models import Agency
from portal.core.tenancy import reading, writing
from tests.factories.people import make_agency, make_insured
from tests.factories.staff import make_member, staff_visitor
from tests.web.visitor import Visitor, engine_of, set_clock, wait, words

AT = datetime(2026, 7, 15, 16, tzinfo=UTC)
ANA = "ana@bakery.example"
BOTH = "support@harbor.example"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"


@pytest.fixture
def agency(app: Flask) -> Agency:
    agency = make_agency(engine_of(app))
    set_clock(app, AT)
    with writing(engine_of(app), agency.id) as session:
        make_insured(session, ANA, "bo@bakery.example")
    return agency


def signed_in(app: Flask, agency: Agency, email: str = ANA, ip: str = "192.0.2.1") -> Visitor:
    visitor = Visitor(app, agency, ip)
    visitor.sign_in(email)
    return visitor


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/account/").status_code == 200


def test_every_browser_is_listed_and_this_one_marked(app: Flask, agency: Agency) -> None:
    here, there = signed_in(app, agency), Visitor(app, agency, "198.51.100.7", MAC)
    there.sign_in(ANA)
    signed_in(app, agency, "bo@bakery.example", "203.0.113.5")
    page = words(here.get("/account/"))
    assert page.count("Signed in Jul 15, 2026, 12:00 PM EDT from") == 2
    assert "Safari on Mac Signed in Jul 15, 2026, 12:00 PM EDT from 198.51.100.7" in page
    assert "This browser Signed in Jul 15, 2026, 12:00 PM EDT from 192.0.2.1" in page
    assert "203.0.113.5" not in page


def test_one_browser_is_signed_out(app: Flask, agency: Agency) -> None:
    here, there = signed_in(app, agency), signed_in(app, agency)
    form = re.search(r'action="/harbor(/account/browsers/\d+/sign-out)"', here.get("/account/").text)
    assert form is not None
    assert here.post(form.group(1), "/account/", next="/account/").location == "/harbor/account/"
    assert "That browser is signed out" in words(here.get("/account/"))
    assert (is_in(here), is_in(there)) == (True, False)


def test_all_others_are_signed_out(app: Flask, agency: Agency) -> None:
    here, *others = (signed_in(app, agency) for _ in range(3))
    neighbour = signed_in(app, agency, "bo@bakery.example")
    here.post("/account/browsers/sign-out-others", "/account/")
    assert [is_in(each) for each in (here, *others, neighbour)] == [True, False, False, True]


def test_anothers_browser_is_not_there(app: Flask, agency: Agency) -> None:
    bo, ana = signed_in(app, agency, "bo@bakery.example"), signed_in(app, agency)
    with reading(engine_of(app), agency.id) as session:
        theirs = session.scalars(select(SignInSession.id).where(SignInSession.email == "bo@bakery.example")).one()
    for number in (theirs, 999_999):
        assert ana.post(f"/account/browsers/{number}/sign-out", "/account/").status_code == 404
    assert is_in(bo)


def test_staying_is_use(app: Flask, agency: Agency) -> None:
    ana, idle = signed_in(app, agency), signed_in(app, agency)
    for _ in range(3):
        wait(app, minutes=20)
        assert ana.post("/account/stay", "/account/").status_code == 204
    assert is_in(ana)
    back = idle.get("/account/")
    assert back.location == "/harbor/sign-in?next=/account/&why=ended"


def test_pages_tell_the_script_when_they_end(app: Flask, agency: Agency) -> None:
    ana = signed_in(app, agency)
    for minutes, left in ((0, 43_200), (25, 41_700)):
        wait(app, minutes=minutes)
        page = ana.get("/account/").text
        assert 'data-idle="1740"' in page
        assert f'data-left="{left}"' in page
        assert "js/timeout" in page
    assert "timeout" not in Visitor(app, agency).get("/sign-in").text
    assert "You were signed out" in words(Visitor(app, agency).get("/sign-in?why=idle"))


def test_after_a_time_out_the_page_comes_back(app: Flask, agency: Agency) -> None:
    ana = signed_in(app, agency)
    wait(app, minutes=31)
    asked = ana.get("/account/email")
    assert asked.location == "/harbor/sign-in?next=/account/email&why=ended"
    assert "You were signed out Some time has passed" in words(ana.get("/sign-in?next=/account/email&why=ended"))
    assert ana.sign_in(ANA, "/account/email").location == "/harbor/account/email"


def test_somebody_with_two_hats_chooses(app: Flask, agency: Agency) -> None:
    with writing(engine_of(app), agency.id) as session:
        make_member(app, session, agency, "support")
        make_insured(session, BOTH, name="Nadia’s own car")
    visitor = Visitor(app, agency)
    assert visitor.sign_in(BOTH).location == "/harbor/account/choose"
    page = visitor.get("/account/choose")
    assert "My own policies" in words(page)
    assert 'href="/harbor/admin/"' in page.text
    assert "My work at the agency" in words(visitor.get("/account/"))
    at_work = staff_visitor(app, agency, "support")
    assert "My own policies" in words(at_work.get("/admin/"))
    assert "My own policies" not in words(staff_visitor(app, agency, "admin").get("/admin/"))


def test_who_wears_one_hat_is_not_asked(app: Flask, agency: Agency) -> None:
    ana = Visitor(app, agency)
    assert ana.sign_in(ANA).location == "/harbor/"
    assert ana.get("/account/choose").location == "/harbor/"
    assert "My work" not in words(ana.get("/account/"))
    assert staff_visitor(app, agency, "admin").get("/account/choose").location == "/harbor/admin/"


def test_a_mailbox_alone_signs_no_staff_out(app: Flask, agency: Agency) -> None:
    at_work = staff_visitor(app, agency, "support")
    by_mail = signed_in(app, agency, BOTH)
    page = by_mail.get("/account/")
    assert words(page).count("Signed in Jul 15") == 2
    assert "/sign-out" not in page.text.partition('id="browsers"')[2].partition("</section>")[0]
    by_mail.post("/account/browsers/sign-out-others", "/account/")
    with reading(engine_of(app), agency.id) as session:
        ids = session.scalars(select(SignInSession.id).where(SignInSession.second_factor_at.is_not(None))).all()
    assert by_mail.post(f"/account/browsers/{ids[0]}/sign-out", "/account/").status_code == 404
    assert at_work.get("/admin/").status_code == 200
    at_work.post("/account/browsers/sign-out-others", "/account/")
    assert not is_in(by_mail)
