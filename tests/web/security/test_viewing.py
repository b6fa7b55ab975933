"""Staff look at the portal as a customer: they see what that customer sees, and change nothing, whatever they call."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.access.models import SignInSession
from portal.access.viewing import LONGEST, end_overdue
from portal.agencies.found import add_staff
from portal.agencies.models import StaffMember
from portal.core.audit import SYSTEM, AuditEntry
from portal.core.tenancy import reading, writing
from portal.insureds.models import InsuredEmail
from tests.factories.people import make_insured
from tests.factories.staff import staff_visitor
from tests.web.security.addresses import addresses
from tests.web.security.holdings import World
from tests.web.security.test_forgery import everything, send
from tests.web.security.test_isolation import traces
from tests.web.visitor import Visitor, engine_of, services_of, set_clock, wait, words

NOBODYS = {"deployment", "processor"}
"""Routes that ask for no cookie."""
STOP = "admin.stop_viewing"


@pytest.fixture
def looking(app: Flask, world: World) -> Visitor:
    """Support of Harbor, who looks as Ana."""
    visitor = staff_visitor(app, world.harbor, "support")
    answer = visitor.post(f"/admin/customers/{world.ana.insured_id}/view", email=world.ana.email)
    assert answer.location == "/harbor/", words(answer)
    return visitor


def lines(app: Flask, world: World) -> list[tuple[str, str, int | None]]:
    with reading(engine_of(app), world.harbor.id) as session:
        query = select(AuditEntry).where(AuditEntry.action.like("insured.view%")).order_by(AuditEntry.id)
        return [(entry.action, entry.actor, entry.subject_id) for entry in session.scalars(query)]


def test_whatever_is_not_a_look_is_refused(app: Flask, world: World, looking: Visitor) -> None:
    before = everything(engine_of(app), world.harbor.id)
    wrong, tried = [], 0
    for address in addresses(app):
        if address.method == "GET" or address.access in NOBODYS or address.endpoint == STOP:
            continue
        tried += 1
        answer = send(looking, address.path(world.ana), {"email": world.ana.email})
        if answer.status_code != 403 or "Nothing can be changed or paid until you stop looking" not in words(answer):
            wrong.append(f"{address}: {answer.status}")
    assert wrong == []
    assert tried > 60
    assert everything(engine_of(app), world.harbor.id) == before


def test_they_see_what_the_customer_sees_and_no_more(app: Flask, world: World, looking: Visitor) -> None:
    home = looking.get("/")
    assert "Ana Zebra package" in words(home)
    assert f"You see what {world.ana.email} sees. Nothing can be changed." in words(home)
    ana = Visitor(app, world.harbor, "198.51.100.7")
    ana.sign_in(world.ana.email)
    different = []
    for address in addresses(app):
        if address.method != "GET" or address.access != "insured" or address.endpoint == "account.partners":
            continue  # of a partner's rooms staff see nothing this way
        for owner in (world.ana, world.bob, world.cleo):
            own, shown = ana.get(address.path(owner)), looking.get(address.path(owner))
            if shown.status_code != own.status_code and shown.status_code != 403:
                different.append(f"{address} of {owner.email}: {shown.status}, and Ana {own.status}")
            if owner is not world.ana and traces(shown, owner):
                different.append(f"{address} tells of {owner.email}")
    assert different == []


def test_pages_that_take_payment_stay_closed(world: World, ana: Visitor, looking: Visitor) -> None:
    for path in ("/payment-methods/new", f"/pay?invoice={world.ana.invoice_id}", f"/pay/{world.ana.link_token}"):
        assert "pk_test_1" in ana.get(path).text, path
        answer = looking.get(path)
        assert answer.status_code == 403
        assert "pk_test_1" not in answer.text
    for path in (f"/payments/{world.ana.confirming_token}", f"/payments/{world.ana.confirming_token}/"):
        assert "pk_test_1" not in looking.get(path).text


def test_staff_pages_stay_the_staffs(world: World, looking: Visitor) -> None:
    page = words(looking.get(f"/admin/customers/{world.bob.insured_id}"))
    assert "Bob Zebra Trading" in page
    assert "You see what" in page


def test_it_ends_when_they_stop(app: Flask, world: World, looking: Visitor) -> None:
    answer = looking.post("/admin/viewing/stop", page="/admin/customers")
    assert answer.location == f"/harbor/admin/customers/{world.ana.insured_id}"
    assert "You see what" not in words(looking.get("/admin/customers"))
    assert "Ana Zebra package" not in looking.get("/").text
    support = "support@harbor.example"
    assert lines(app, world) == [
        ("insured.viewed", support, world.ana.insured_id),
        ("insured.view_ended", support, world.ana.insured_id),
    ]
    assert looking.post("/admin/viewing/stop", page="/admin/customers").location == "/harbor/admin/customers"
    assert len(lines(app, world)) == 2


def test_it_ends_by_itself(app: Flask, world: World, looking: Visitor) -> None:
    start = services_of(app).now()
    set_clock(app, start + LONGEST - timedelta(seconds=1))
    assert "Ana Zebra package" in looking.get("/").text
    set_clock(app, start + LONGEST)
    assert "Ana Zebra package" not in looking.get("/").text
    assert looking.post("/language", page="/admin/customers", language="es").status_code != 403
    assert [action for action, *_ in lines(app, world)] == ["insured.viewed"]
    with writing(engine_of(app), world.harbor.id) as session:
        end_overdue(session, services_of(app).now())
    assert [action for action, *_ in lines(app, world)] == ["insured.viewed", "insured.view_ended"]
    with reading(engine_of(app), world.harbor.id) as session:
        ended = session.scalars(select(AuditEntry).where(AuditEntry.action == "insured.view_ended")).one()
        assert ended.at == start + LONGEST


def test_it_ends_with_the_sign_in(app: Flask, world: World, looking: Visitor) -> None:
    with writing(engine_of(app), world.harbor.id) as session:
        row = session.scalars(select(SignInSession).where(SignInSession.viewing_until.is_not(None))).one()
        row.ended_at = services_of(app).now()
    assert "Ana Zebra package" not in looking.get("/").text
    with writing(engine_of(app), world.harbor.id) as session:
        end_overdue(session, services_of(app).now())
    assert [action for action, *_ in lines(app, world)] == ["insured.viewed", "insured.view_ended"]


def test_nobody_looks_as_staff_or_as_another_customer(app: Flask, world: World) -> None:
    with writing(engine_of(app), world.harbor.id) as session:
        own = make_insured(session, "support@harbor.example", "colleague@harbor.example", name="Own policies")
        add_staff(session, "colleague@harbor.example", "Colleague", "admin", SYSTEM, services_of(app).now())
    support = staff_visitor(app, world.harbor, "support")
    assert "cannot sign in, and there is nothing to see" in words(support.get(f"/admin/customers/{own.id}/view"))
    for insured_id, email in (
        (own.id, "support@harbor.example"),
        (own.id, "colleague@harbor.example"),
        (world.ana.insured_id, world.bob.email),
        (world.ana.insured_id, ""),
    ):
        answer = support.post(f"/admin/customers/{insured_id}/view", page="/admin/customers", email=email)
        assert answer.status_code == 422
    assert lines(app, world) == []


def test_who_is_shut_out_looks_no_more(app: Flask, world: World, looking: Visitor) -> None:
    with writing(engine_of(app), world.harbor.id) as session:
        session.scalars(
            select(StaffMember).where(StaffMember.email == "support@harbor.example")
        ).one().is_active = False
    assert "Ana Zebra package" not in looking.get("/").text


def test_an_old_second_factor_is_asked_for_again(app: Flask, world: World) -> None:
    support = staff_visitor(app, world.harbor, "support")
    wait(app, minutes=11)
    answer = support.get(f"/admin/customers/{world.ana.insured_id}/view")
    assert "/admin/second-factor" in (answer.location or "")


def test_a_customer_looks_as_nobody(app: Flask, world: World, ana: Visitor) -> None:
    with writing(engine_of(app), world.harbor.id) as session:
        row = session.scalars(select(SignInSession).where(SignInSession.email == world.ana.email)).all()[-1]
        row.viewing_email, row.viewing_until = world.bob.email, services_of(app).now() + LONGEST
        assert session.scalars(select(InsuredEmail).where(InsuredEmail.email == world.bob.email)).all()
    assert "Bob Zebra" not in ana.get("/").text
