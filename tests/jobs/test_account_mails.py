"""The mails about accounts: to whom, with which link, and what is in them."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from sqlalchemy import Engine, select

from portal.access.email_change import Side, ask_to_change, change_for_insured, check_change, confirm_change
from portal.access.models import EmailChange
from portal.access.staff_news import News
from portal.agencies.found import add_staff
from portal.agencies.models import Agency
from portal.core.audit import SYSTEM, Actor
from portal.core.tenancy import reading, writing
from portal.insureds.models import InsuredEmail
from portal.jobs.email_change_mail import asked_message, done_message
from portal.jobs.signed_out_mail import signed_out_message
from portal.jobs.staff_mail import staff_message
from tests.factories.mail import pages
from tests.factories.people import make_agency, make_insured

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
SECRET = "a secret that only the deployment knows"
OLD, NEW = "ana@bakery.example", "ana@new-bakery.example"
SIDES: tuple[Side, ...] = get_args(Side)


def url_for(endpoint: str, **values: str) -> str:
    return f"https://pay.example/{endpoint}/{'/'.join(values.values())}"


@pytest.fixture
def agency(engine: Engine) -> Agency:
    return make_agency(engine)


@pytest.mark.parametrize("news", get_args(News))
def test_staff_are_told_what_has_happened_to_their_account(engine: Engine, agency: Agency, news: str) -> None:
    with writing(engine, agency.id) as session:
        sam = add_staff(session, "sam@harbor.example", "Sam Park", "producer", SYSTEM, AT)
        message = staff_message(session, agency, sam.id, news, url_for)
    assert message is not None
    assert (message.recipient.address, message.recipient.name) == ("sam@harbor.example", "Sam Park")
    mail = pages().render(message)
    for part in (mail.html, mail.text):
        assert "https://pay.example/admin.home/" in part
    assert mail.subject
    if news == "welcome":
        assert "Your role: Producer." in mail.text


def test_who_has_left_meanwhile_is_not_welcomed(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        sam = add_staff(session, "sam@harbor.example", "Sam", "producer", SYSTEM, AT)
        sam.is_active = False
        assert staff_message(session, agency, sam.id, "welcome", url_for) is None
        assert staff_message(session, agency, sam.id, "factors_reset", url_for) is not None


@pytest.fixture
def change_id(engine: Engine, agency: Agency) -> int:
    with writing(engine, agency.id) as session:
        make_insured(session, OLD)
    actor = Actor("insured", OLD)
    ask_to_change(lambda: writing(engine, agency.id), SECRET, OLD, NEW, "es_US", actor, AT)
    with reading(engine, agency.id) as session:
        return session.scalars(select(EmailChange.id)).one()


@pytest.mark.parametrize("side", SIDES)
def test_each_mailbox_gets_a_link_of_its_own(engine: Engine, agency: Agency, change_id: int, side: Side) -> None:
    with reading(engine, agency.id) as session:
        message = asked_message(session, SECRET, agency, change_id, side, url_for, AT)
        assert message is not None
        assert (message.recipient.address, message.recipient.locale) == (NEW if side == "new" else OLD, "es_US")
        mail = pages().render(message)
        token = str(message.context["link"]).removeprefix("https://pay.example/account.email_link/")
        check = check_change(session, SECRET, token, AT)
    assert check is not None
    assert (check.state, check.side) == ("open", side)
    for part in (mail.html, mail.text):
        assert OLD in part
        assert NEW in part
    assert ("No, this was not me" in mail.text or "No, no he sido yo" in mail.text) == (side == "old")


def test_late_jobs_send_no_dead_links(engine: Engine, agency: Agency, change_id: int) -> None:
    with writing(engine, agency.id) as session:
        late = AT + timedelta(hours=24)
        assert asked_message(session, SECRET, agency, change_id, "old", url_for, late) is None
        for side in SIDES:
            message = asked_message(session, SECRET, agency, change_id, side, url_for, AT)
            assert message is not None
            token = str(message.context["link"]).removeprefix("https://pay.example/account.email_link/")
            confirm_change(session, SECRET, token, "192.0.2.1", AT)
        assert asked_message(session, SECRET, agency, change_id, "old", url_for, AT) is None
        for side in SIDES:
            done = pages().render(done_message(session, agency, change_id, side, url_for))
            assert NEW in done.text
            assert ("https://pay.example/insured.sign_in/" in done.text) == (side == "new")


def test_a_first_address_is_greeted(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session)
        change_for_insured(session, insured.id, "", NEW, "They called", Actor("staff", "sam@harbor.example"), AT)
        change = session.scalars(select(EmailChange)).one()
        mail = pages().render(done_message(session, agency, change.id, "new", url_for))
    assert mail.subject == "You can now see your insurance online"
    assert "From" not in mail.text.partition("--")[0]


def test_who_was_signed_out_is_told_in_their_language(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session, OLD, locale="es_US")
        email_id = session.scalars(select(InsuredEmail.id).where(InsuredEmail.insured_id == insured.id)).one()
        message = signed_out_message(session, agency, email_id, url_for)
        assert signed_out_message(session, agency, email_id + 1, url_for) is None
    assert message is not None
    assert (message.recipient.address, message.recipient.locale) == (OLD, "es_US")
    mail = pages().render(message)
    for part in (mail.html, mail.text):
        assert "https://pay.example/insured.sign_in/" in part
