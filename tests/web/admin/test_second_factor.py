"""How staff come in: mail first, then the second factor; over HTTP on both databases."""

import re
from datetime import UTC, datetime

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from portal.access.models import SignInSession, StaffFactor, StaffRecoveryCode
from portal.agencies.found import add_staff
from portal.agencies.models import Agency
from portal.core.audit import SYSTEM, AuditEntry
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, writing
from tests.factories.people import make_agency, make_insured
from tests.factories.staff import app_code, make_member, staff_visitor
from tests.web.visitor import Visitor, engine_of, mails, services_of, set_clock, wait, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
NADIA = "nadia@harbor.example"


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


@pytest.fixture
def nadia(app: Flask, agency: Agency) -> Visitor:
    """Someone new on the staff, signed in by mail."""
    with writing(engine_of(app), agency.id) as session:
        add_staff(session, NADIA, "Nadia Brooks", "producer", SYSTEM, AT)
    visitor = Visitor(app, agency)
    assert visitor.sign_in(NADIA).location == "/harbor/admin/"
    return visitor


def connect_app(app: Flask, visitor: Visitor, next_page: str = "") -> str:
    """Set up an authenticator app and return its seed."""
    started = visitor.post("/admin/second-factor/app/new", "/admin/second-factor/new", next=next_page)
    page = visitor.get(started.location.removeprefix("/harbor"))
    seed = re.search(r'id="seed">([A-Z2-7 ]+)<', page.text)
    assert seed is not None
    plain = seed.group(1).replace(" ", "")
    entered = visitor.post("/admin/second-factor/app", code=pyotp.TOTP(plain).at(services_of(app).now()))
    assert entered.location.startswith("/harbor/admin/second-factor/recovery-codes"), words(entered)
    return plain


def recovery_codes(visitor: Visitor) -> list[str]:
    page = visitor.post("/admin/second-factor/recovery-codes")
    return re.findall(r"<li>([a-z0-9]{5}-[a-z0-9]{5})</li>", page.text)


def audited(app: Flask, agency: Agency) -> list[tuple[str, str, str]]:
    with reading(engine_of(app), agency.id) as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.actor_kind == "staff").order_by(AuditEntry.id))
        return [(row.actor, row.ip, row.action) for row in rows]


def test_a_mail_alone_lets_nobody_in(nadia: Visitor) -> None:
    asked = nadia.get("/admin/")
    assert asked.location.startswith("/harbor/admin/second-factor?")
    set_up = nadia.get(asked.location.removeprefix("/harbor"))
    assert set_up.location.startswith("/harbor/admin/second-factor/new")
    assert "Authenticator app" in words(nadia.get("/admin/second-factor/new"))


def test_the_first_time_an_app_is_connected_and_recovery_codes_are_saved(
    app: Flask, agency: Agency, nadia: Visitor
) -> None:
    with reading(engine_of(app), agency.id) as session:
        before = session.scalars(select(SignInSession.token_hash)).one()
    seed = connect_app(app, nadia)
    codes = recovery_codes(nadia)
    assert len(set(codes)) == 10
    assert "Nadia Brooks" in words(nadia.get("/admin/"))
    with reading(engine_of(app), agency.id) as session:
        browser = session.scalars(select(SignInSession)).one()
        assert browser.token_hash != before
        assert browser.second_factor_at == AT
        stored = " ".join(row.secret for row in session.scalars(select(StaffFactor)))
        stored += " ".join(row.code_hash for row in session.scalars(select(StaffRecoveryCode)))
    assert seed not in stored
    assert not any(code.replace("-", "") in stored or code in stored for code in codes)
    assert audited(app, agency) == [
        (NADIA, "192.0.2.1", "staff.signed_in"),
        (NADIA, "192.0.2.1", "staff.factor_added"),
        (NADIA, "192.0.2.1", "staff.recovery_codes_made"),
    ]


def test_a_wrong_first_code_connects_nothing(nadia: Visitor) -> None:
    nadia.post("/admin/second-factor/app/new", "/admin/second-factor/new")
    answer = nadia.post("/admin/second-factor/app", code="000000")
    assert answer.status_code == 422
    assert "That code is not right" in words(answer)
    assert "<title>Error:" in answer.text
    assert nadia.get("/admin/").status_code == 302


def test_a_setup_is_open_for_fifteen_minutes(app: Flask, nadia: Visitor) -> None:
    nadia.post("/admin/second-factor/app/new", "/admin/second-factor/new")
    wait(app, minutes=15)
    assert nadia.get("/admin/second-factor/app").location.startswith("/harbor/admin/second-factor/new")


def test_the_code_leads_on_to_where_one_was_going(app: Flask, agency: Agency) -> None:
    with writing(engine_of(app), agency.id) as session:
        make_member(app, session, agency, "admin")
    visitor = Visitor(app, agency)
    visitor.sign_in("admin@harbor.example")
    page = "/admin/second-factor?next=/pay-a-policy"
    entered = visitor.post("/admin/second-factor", page, code=app_code(app), next="/pay-a-policy")
    assert entered.location == "/harbor/pay-a-policy"
    assert visitor.get("/admin/").status_code == 200


@pytest.mark.parametrize(("aside", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_one_step_aside(app: Flask, agency: Agency, aside: int, is_good: bool) -> None:
    with writing(engine_of(app), agency.id) as session:
        make_member(app, session, agency, "support")
    visitor = Visitor(app, agency)
    visitor.sign_in("support@harbor.example")
    answer = visitor.post("/admin/second-factor", code=app_code(app, aside))
    assert (answer.status_code == 303) == is_good


def test_a_code_works_once(app: Flask, agency: Agency) -> None:
    staff_visitor(app, agency, "support")
    thief = Visitor(app, agency, "198.51.100.7")
    thief.sign_in("support@harbor.example")
    for aside in (0, -1):
        assert thief.post("/admin/second-factor", code=app_code(app, aside)).status_code == 422
    assert thief.post("/admin/second-factor", code=app_code(app, 1)).status_code == 303


def test_five_wrong_codes_and_the_right_one_has_to_wait(app: Flask, agency: Agency) -> None:
    with writing(engine_of(app), agency.id) as session:
        make_member(app, session, agency, "support")
    visitor = Visitor(app, agency)
    visitor.sign_in("support@harbor.example")
    for _ in range(5):
        assert visitor.post("/admin/second-factor", code="000000").status_code == 422
    assert visitor.post("/admin/second-factor", code=app_code(app)).status_code == 429
    failed = ("support@harbor.example", "192.0.2.1", "staff.second_factor_failed")
    assert audited(app, agency)[-5:] == [failed] * 5
    wait(app, minutes=15)
    assert visitor.post("/admin/second-factor", code=app_code(app)).status_code == 303


def test_a_recovery_code_works_once_and_is_told_by_mail(app: Flask, agency: Agency, nadia: Visitor) -> None:
    connect_app(app, nadia)
    code = recovery_codes(nadia)[3]
    for typed, status in ((f" {code.upper().replace('-', ' ')} ", 303), (code, 422), ("aaaaa-aaaaa", 422)):
        visitor = Visitor(app, agency)
        visitor.sign_in(NADIA)
        assert visitor.post("/admin/second-factor/recovery-code", code=typed).status_code == status
    with reading(engine_of(app), agency.id) as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.staff_news").order_by(OutboxRow.id))
        assert [row.payload["news"] for row in rows] == ["factor_added", "recovery_code_used"]


def test_what_is_dangerous_asks_again_after_ten_minutes(app: Flask, agency: Agency) -> None:
    visitor = staff_visitor(app, agency)
    assert visitor.get("/admin/second-factor/recovery-codes").status_code == 200
    wait(app, minutes=11)
    asked = visitor.get("/admin/second-factor/recovery-codes")
    assert asked.location == "/harbor/admin/second-factor?next=/admin/second-factor/recovery-codes"
    assert visitor.get("/admin/").status_code == 200
    assert "once more" in words(visitor.get("/admin/second-factor"))
    assert visitor.post("/admin/second-factor", code=app_code(app)).status_code == 303
    assert visitor.get("/admin/second-factor/recovery-codes").status_code == 200


def test_whoever_has_the_mailbox_cannot_add_a_second_factor(app: Flask, agency: Agency) -> None:
    staff_visitor(app, agency)
    thief = Visitor(app, agency, "198.51.100.7")
    thief.sign_in("admin@harbor.example")
    for path in ("/admin/second-factor/new", "/admin/second-factor/app"):
        assert thief.get(path).location.startswith("/harbor/admin/second-factor?")
    started = thief.post("/admin/second-factor/app/new", "/admin/second-factor")
    assert started.location.startswith("/harbor/admin/second-factor?")
    with reading(engine_of(app), agency.id) as session:
        assert len(session.scalars(select(StaffFactor)).all()) == 1


def test_the_old_cookie_is_worth_nothing_after_the_second_factor(app: Flask, agency: Agency) -> None:
    with writing(engine_of(app), agency.id) as session:
        make_member(app, session, agency, "support")
    visitor = Visitor(app, agency)
    visitor.sign_in("support@harbor.example")
    [cookie] = visitor.cookies()
    visitor.post("/admin/second-factor", code=app_code(app))
    stale = Visitor(app, agency)
    stale.take(cookie)
    assert stale.get("/admin/").location.startswith("/harbor/sign-in")
    assert visitor.get("/admin/").status_code == 200


def test_insureds_and_strangers_find_no_staff_area(app: Flask, agency: Agency) -> None:
    with writing(engine_of(app), agency.id) as session:
        make_insured(session, "ana@bakery.example")
    ana = Visitor(app, agency)
    assert ana.get("/admin/").location.startswith("/harbor/sign-in?next=/admin/")
    ana.sign_in("ana@bakery.example")
    for path in ("/admin/", "/admin/second-factor", "/admin/second-factor/new", "/admin/second-factor/recovery-codes"):
        assert ana.get(path).status_code == 404


def test_staff_of_another_agency_get_no_mail(app: Flask, agency: Agency, nadia: Visitor) -> None:
    other = make_agency(engine_of(app), "other")
    Visitor(app, other).post("/sign-in", email=NADIA)
    assert mails(app, other) == []


def test_a_second_app_is_added_and_the_last_one_cannot_be_removed(app: Flask, agency: Agency) -> None:
    visitor = staff_visitor(app, agency, "support")
    page = visitor.get("/admin/account")
    assert "Authenticator app" in words(page)
    assert "You have no recovery codes" in words(page)
    assert "remove-factor" not in page.text
    with reading(engine_of(app), agency.id) as session:
        first = session.scalars(select(StaffFactor.id)).one()
    last = visitor.post("/admin/account/remove-factor", "/admin/account", factor=str(first))
    assert last.status_code == 409
    assert "This is your only second step" in words(last)
    visitor.post("/admin/second-factor/app/new", "/admin/second-factor/new", next="/admin/account")
    seed = re.search(r'id="seed">([A-Z2-7 ]+)<', visitor.get("/admin/second-factor/app?next=/admin/account").text)
    assert seed is not None
    code = pyotp.TOTP(seed.group(1).replace(" ", "")).at(AT)
    added = visitor.post("/admin/second-factor/app", code=code, next="/admin/account")
    assert added.location == "/harbor/admin/account"
    assert visitor.get("/admin/account").text.count("remove-factor") == 2
    visitor.post("/admin/account/remove-factor", "/admin/account", factor=str(first))
    assert "remove-factor" not in visitor.get("/admin/account").text
    again = Visitor(app, agency)
    again.sign_in("support@harbor.example")
    wait(app, seconds=30)
    assert again.post("/admin/second-factor", code=app_code(app)).status_code == 422


def test_nobody_removes_anothers_factor(app: Flask, agency: Agency) -> None:
    staff_visitor(app, agency, "support")
    with reading(engine_of(app), agency.id) as session:
        theirs = session.scalars(select(StaffFactor.id)).one()
    admin = staff_visitor(app, agency, "admin")
    assert admin.post("/admin/account/remove-factor", "/admin/account", factor=str(theirs)).status_code == 404
    assert admin.post("/admin/account/remove-factor", "/admin/account", factor="9" * 30).status_code == 404
