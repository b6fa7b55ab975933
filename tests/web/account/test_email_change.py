"""Another e-mail address: by the insured with both mailboxes, by staff for a lost one; on both databases."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from portal.access.email_change import MAIL_ASKED, MAIL_DONE, SIDES, mail_link
from portal.access.insured_sessions import MAIL_SIGNED_OUT
from portal.access.models import EmailChange
from portal.agencies.models import Agency
from portal.core.audit import AuditEntry, tell
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, writing
from portal.insureds.models import Insured, InsuredEmail
from portal.programs.models import Program
from tests.factories.people import make_agency, make_insured, make_program
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, services_of, set_clock, wait, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
OLD, NEW = "ana@bakery.example", "ana@new-bakery.example"


@pytest.fixture
def agency(app: Flask) -> Agency:
    agency = make_agency(engine_of(app))
    set_clock(app, AT)
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, OLD, "bo@bakery.example", name="Riverside Bakery LLC")
        make_program(session, insured, contact_email=OLD)
        make_insured(session, OLD, NEW, name="Ana’s other shop")
    return agency


@pytest.fixture
def ana(app: Flask, agency: Agency) -> Visitor:
    visitor = Visitor(app, agency)
    visitor.sign_in(OLD)
    return visitor


def emails(app: Flask, agency: Agency) -> list[list[str]]:
    with reading(engine_of(app), agency.id) as session:
        insureds = session.scalars(select(Insured.id).order_by(Insured.id)).all()
        return [
            sorted(session.scalars(select(InsuredEmail.email).where(InsuredEmail.insured_id == insured)))
            for insured in insureds
        ]


def links(app: Flask, agency: Agency) -> list[str]:
    """The pages behind the mails to the old and the new address, of the newest change."""
    with reading(engine_of(app), agency.id) as session:
        change = session.scalars(select(EmailChange).order_by(EmailChange.id.desc())).first()
        assert change is not None
        return [f"/account/email/{mail_link(services_of(app).secret, change, side)}" for side in SIDES]


def mailed(app: Flask, agency: Agency, kind: str) -> list[str]:
    with reading(engine_of(app), agency.id) as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == kind).order_by(OutboxRow.id))
        return [row.payload["side"] for row in rows]


def test_the_change_counts_once_both_mailboxes_have_confirmed(app: Flask, agency: Agency, ana: Visitor) -> None:
    asked = ana.post("/account/email", email=f" {NEW.upper()} ")
    assert f"One to {OLD} and one to {NEW}" in words(asked)
    assert mailed(app, agency, MAIL_ASKED) == ["old", "new"]
    old, new = links(app, agency)
    phone = Visitor(app, agency, "198.51.100.7")
    for link in (old, new):
        assert f"From {OLD} to {NEW}." in words(phone.get(link))
    assert "One more button" in words(phone.post(f"{new}/confirm", new))
    assert "One more button" in words(phone.post(f"{new}/confirm", "/signed-out"))
    assert emails(app, agency) == [[OLD, "bo@bakery.example"], [OLD, NEW]]
    assert "Your address is changed" in words(phone.post(f"{old}/confirm", old))
    assert emails(app, agency) == [[NEW, "bo@bakery.example"], [NEW]]
    with reading(engine_of(app), agency.id) as session:
        assert session.scalars(select(Program.contact_email)).one() == NEW
    assert mailed(app, agency, MAIL_DONE) == ["old", "new"]
    assert ana.get("/account/").location.startswith("/harbor/sign-in")
    assert Visitor(app, agency).sign_in(NEW).location == "/harbor/"


@pytest.mark.parametrize("side", [0, 1])
def test_not_me_stops_it_for_good(app: Flask, agency: Agency, ana: Visitor, side: int) -> None:
    ana.post("/account/email", email=NEW)
    both = links(app, agency)
    ana.post(f"{both[1]}/confirm", both[1])
    refused = Visitor(app, agency).post(f"{both[side]}/refuse", both[side])
    assert "Nothing was changed" in words(refused)
    for link in both:
        assert "Nothing was changed" in words(Visitor(app, agency).post(f"{link}/confirm", "/signed-out"))
    assert emails(app, agency)[0] == [OLD, "bo@bakery.example"]
    is_signed_out = ana.get("/account/").status_code == 302
    assert is_signed_out == (side == 0)


def test_a_link_works_for_a_day_and_the_newest_change_only(app: Flask, agency: Agency, ana: Visitor) -> None:
    ana.post("/account/email", email="first@bakery.example")
    [first, _] = links(app, agency)
    ana.post("/account/email", email=NEW)
    assert Visitor(app, agency).get(first).status_code == 410
    wait(app, hours=24)
    for link in links(app, agency):
        late = Visitor(app, agency).post(f"{link}/confirm", "/signed-out")
        assert (late.status_code, "no longer valid" in words(late)) == (410, True)
    assert emails(app, agency)[0] == [OLD, "bo@bakery.example"]


def test_the_link_of_one_mailbox_is_not_the_others(app: Flask, agency: Agency, ana: Visitor) -> None:
    ana.post("/account/email", email=NEW)
    old, new = links(app, agency)
    assert old.partition(".")[0] == new.partition(".")[0]
    assert old != new
    assert ana.get(new[:-2] + "AA").status_code == 410


def test_three_changes_a_day(ana: Visitor) -> None:
    for number in range(3):
        assert ana.post("/account/email", email=f"ana{number}@bakery.example").status_code == 200
    assert ana.post("/account/email", email=NEW).status_code == 429


@pytest.mark.parametrize(("typed", "message"), [("ana", "is not an e-mail address"), (OLD, "the address you have now")])
def test_what_cannot_be_used_is_said(ana: Visitor, typed: str, message: str) -> None:
    answer = ana.post("/account/email", email=typed)
    assert answer.status_code == 422
    assert message in words(answer)


def test_staff_change_the_address_of_a_lost_mailbox(app: Flask, agency: Agency) -> None:
    producer = staff_visitor(app, agency, "producer")
    with reading(engine_of(app), agency.id) as session:
        insured_id = session.scalars(select(Insured.id).order_by(Insured.id)).first()
    page = f"/admin/insureds/{insured_id}/email"
    for wrong in ({"reason": ""}, {"email": "ana"}, {"old": "stranger@bakery.example"}, {"email": "bo@bakery.example"}):
        typed = {"old": OLD, "email": NEW, "reason": "The mailbox is closed"} | wrong
        assert producer.post(page, **typed).status_code == 422
    done = producer.post(page, old=OLD, email=NEW, reason="The mailbox is closed")
    assert done.status_code == 303
    assert emails(app, agency) == [[NEW, "bo@bakery.example"], [OLD, NEW]]
    assert mailed(app, agency, MAIL_DONE) == ["old", "new"]
    with reading(engine_of(app), agency.id) as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.action == "insured.email_changed")).all()
        [told] = tell(session, rows)
    assert told.actor.name == "producer@harbor.example"
    assert told.detail == {"old": OLD, "new": NEW, "reason": "The mailbox is closed"}
    producer.post(page, old="add", email="first@bakery.example", reason="A second owner")
    assert mailed(app, agency, MAIL_DONE) == ["old", "new", "new"]


def test_support_may_not_and_other_agencies_are_not_there(app: Flask, agency: Agency) -> None:
    with reading(engine_of(app), agency.id) as session:
        insured_id = session.scalars(select(Insured.id).order_by(Insured.id)).first()
    page = f"/admin/insureds/{insured_id}/email"
    assert staff_visitor(app, agency, "support").get(page).status_code == 403
    other = make_agency(engine_of(app), "other")
    services_of(app).directory.forget()
    assert staff_visitor(app, other, "admin").get(page).status_code == 404


def test_staff_sign_an_insured_out_everywhere_and_those_who_were_in_are_told(
    app: Flask, agency: Agency, ana: Visitor
) -> None:
    producer = staff_visitor(app, agency, "producer")
    with reading(engine_of(app), agency.id) as session:
        insured_id = session.scalars(select(Insured.id).order_by(Insured.id)).first()
    page = f"/admin/insureds/{insured_id}/email"
    assert "1 browser is signed in now." in words(producer.get(page))
    assert producer.post(f"/admin/insureds/{insured_id}/sign-out", page).location == f"/harbor{page}"
    assert "No browser is signed in now." in words(producer.get(page))
    assert ana.get("/account/").location == "/harbor/sign-in?next=/account/&why=ended"
    assert producer.get("/admin/").status_code == 200
    with reading(engine_of(app), agency.id) as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == MAIL_SIGNED_OUT)).all()
        told = [session.get_one(InsuredEmail, row.payload["email_id"]).email for row in rows]
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "insured.signed_out")).one()
    assert told == [OLD]
    assert (entry.actor, entry.subject_id) == ("producer@harbor.example", insured_id)
    assert producer.post("/admin/insureds/9999/sign-out", page).status_code == 404
