"""The look-up while the agency's breaker is open: the PIN of the invoice, or a mail to the insured."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, writing
from portal.jobs.guest_link_mail import GUEST_LINK, fan_out, link_message
from portal.programs.guest_keys import digests, reindex
from portal.programs.guest_pin import guest_pin
from portal.programs.links import issue_link
from portal.programs.models import Program
from tests.factories.people import key_of, make_agency, make_insured, make_invoice, make_policy, make_program
from tests.web.visitor import Visitor, engine_of, set_clock, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
NUMBER, ZIP = "CPS 0071234", "78701"
SENT = "If the details match a policy, we have sent the payment link"


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


@pytest.fixture
def bakery(app: Flask, agency: Agency) -> Program:
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, "ana@bakery.example", "books@bakery.example")
        program = make_program(session, insured)
        make_policy(session, program, NUMBER)
        make_invoice(session, insured, program)
        issue_link(session, AT, program_id=program.id)
        reindex(session, key_of(agency), [program.id])
    return program


@pytest.fixture
def attack(app: Flask, agency: Agency, bakery: Program) -> None:
    """Sixty-one misses from as many networks and at as many numbers."""
    for number in range(61):
        attacker = Visitor(app, agency, ip=f"198.51.100.{number}")
        page = attacker.post("/pay-a-policy", policy_number=f"GUESS {number}", zip=ZIP)
    assert "PIN from the invoice" in words(page)


@pytest.mark.usefixtures("attack")
def test_number_and_zip_open_nothing_any_more(app: Flask, agency: Agency) -> None:
    page = Visitor(app, agency).post("/pay-a-policy", policy_number=NUMBER, zip=ZIP)
    assert page.status_code == 422
    assert "we also need the PIN printed on the invoice" in words(page)
    unknown = Visitor(app, agency).post("/pay-a-policy", policy_number="NOT THERE", zip=ZIP)
    assert words(unknown).replace("NOT THERE", NUMBER) == words(page)


@pytest.mark.usefixtures("attack")
def test_with_the_pin_an_honest_guest_gets_through(app: Flask, agency: Agency, bakery: Program) -> None:
    pin = guest_pin(key_of(agency), agency.id, bakery.id)
    accountant = Visitor(app, agency)
    assert "PIN from the invoice" in words(accountant.get("/pay-a-policy"))
    wrong = f"{(int(pin) + 1) % 10**6:06d}"
    missed = accountant.post("/pay-a-policy", policy_number=NUMBER, zip=ZIP, pin=wrong)
    assert "We could not find a policy with these details" in words(missed)
    found = accountant.post("/pay-a-policy", policy_number=NUMBER, zip=ZIP, pin=f"{pin[:3]} {pin[3:]}")
    assert (found.status_code, found.location) == (303, f"/harbor/guest/program/{bakery.id}")


@pytest.mark.usefixtures("attack")
def test_a_day_later_number_and_zip_are_enough_again(app: Flask, agency: Agency, bakery: Program) -> None:
    set_clock(app, AT + timedelta(hours=25))
    accountant = Visitor(app, agency)
    assert "PIN" not in words(accountant.get("/pay-a-policy"))
    assert accountant.post("/pay-a-policy", policy_number=NUMBER, zip=ZIP).status_code == 303


@pytest.mark.parametrize("number", [NUMBER, "NOT THERE"])
@pytest.mark.usefixtures("attack")
def test_asking_for_the_mail_says_the_same_for_every_number(app: Flask, agency: Agency, number: str) -> None:
    accountant = Visitor(app, agency)
    answer = accountant.post("/pay-a-policy", policy_number=number, zip=ZIP, send="1")
    assert (answer.status_code, answer.location) == (303, "/harbor/pay-a-policy")
    assert SENT in words(accountant.get("/pay-a-policy"))
    with reading(engine_of(app), agency.id) as session:
        assert session.scalars(select(OutboxRow.kind)).all() == ["mail.guest_link_asked"]


def test_the_mail_goes_to_each_address_of_the_insured_once_a_day(app: Flask, agency: Agency, bakery: Program) -> None:
    engine = engine_of(app)
    pair = digests(key_of(agency), agency.id, NUMBER, ZIP)
    for minutes in (0, 30):
        with writing(engine, agency.id) as session:
            fan_out(session, agency, pair, AT + timedelta(minutes=minutes))
    with reading(engine, agency.id) as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == GUEST_LINK)).all()
        assert len(rows) == 2
        mails = [
            link_message(session, agency, row.payload["program_id"], row.payload["email_id"], _url) for row in rows
        ]
    assert {mail.recipient.address for mail in mails if mail} == {"ana@bakery.example", "books@bakery.example"}


def test_nobody_gets_a_mail_for_a_number_that_is_not_there(app: Flask, agency: Agency, bakery: Program) -> None:
    with writing(engine_of(app), agency.id) as session:
        fan_out(session, agency, digests(key_of(agency), agency.id, NUMBER, "10001"), AT)
        assert session.scalars(select(OutboxRow)).all() == []


def _url(endpoint: str, **values: object) -> str:
    return f"https://portal.example/{endpoint}/{values['token']}"
