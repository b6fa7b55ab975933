"""The sign-in mail leads in, and goes to known addresses only."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select

from portal.access.models import SignInChallenge
from portal.access.sign_in import Browser, request_sign_in, use_link
from portal.core.tenancy import reading, writing
from portal.jobs.sign_in_mail import sign_in_message
from portal.notices.message import Message
from tests.factories.people import make_agency, make_insured

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
SECRET = "a secret that only the deployment knows"
HERE = Browser("this browser", "192.0.2.1")


def message_for(engine: Engine, email: str, at: datetime = AT) -> tuple[int, Message | None]:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        make_insured(session, "ana@bakery.example")
    request_sign_in(lambda: writing(engine, agency.id), SECRET, email, HERE, "/", "es_US", AT)
    with reading(engine, agency.id) as session:
        challenge = session.scalars(select(SignInChallenge)).one()
        return agency.id, sign_in_message(
            session, SECRET, agency, challenge.id, lambda token: f"https://pay.example/sign-in/link/{token}", at
        )


def test_it_goes_to_whom_the_agency_knows_in_their_language_and_its_link_works(engine: Engine) -> None:
    agency_id, message = message_for(engine, "ana@bakery.example")
    assert message is not None
    assert (message.recipient.address, message.recipient.locale) == ("ana@bakery.example", "es_US")
    assert message.letterhead.agency_name == "Harbor Insurance Services"
    link = str(message.context["link"])
    with writing(engine, agency_id) as session:
        assert use_link(session, SECRET, link.removeprefix("https://pay.example/sign-in/link/"), HERE, AT)


def test_nobody_else_gets_one(engine: Engine) -> None:
    assert message_for(engine, "nobody@else.example")[1] is None


def test_a_late_job_sends_no_dead_link(engine: Engine) -> None:
    assert message_for(engine, "ana@bakery.example", AT + timedelta(minutes=10))[1] is None
