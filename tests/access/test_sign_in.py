"""Signing in by link and code on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from portal.access.models import SignInChallenge, SignInSession
from portal.access.sessions import end_session, needs_touch, signed_in, start_session, touch
from portal.access.sign_in import (
    MAIL_KIND,
    Browser,
    SignedIn,
    SignInMail,
    check_link,
    is_open,
    request_sign_in,
    sign_in_mail,
    use_code,
    use_link,
)
from portal.core.audit import Actor, AuditEntry, tell
from portal.core.errors import TooMany
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, writing
from tests.factories.people import make_agency, make_insured

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
SECRET = "a secret that only the deployment knows"
ANA = "ana@bakery.example"
HERE = Browser("the secret of this browser", "192.0.2.1", "Safari")
THERE = Browser("the secret of another browser", "192.0.2.2", "Firefox")
WRONG = "no code"


class Door:
    """An agency that knows Ana, with the calls of the sign-in shortened."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.agency_id = make_agency(engine).id
        with writing(engine, self.agency_id) as session:
            make_insured(session, ANA)

    def ask(self, email: str = ANA, browser: Browser = HERE, at: datetime = AT) -> str:
        unit = lambda: writing(self.engine, self.agency_id)  # noqa: E731
        return request_sign_in(unit, SECRET, email, browser, "/programs/7", "en_US", at)

    def mails(self, at: datetime = AT) -> list[SignInMail]:
        with reading(self.engine, self.agency_id) as session:
            rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id))
            found = [sign_in_mail(session, SECRET, row.payload["challenge_id"], at) for row in rows]
        return [mail for mail in found if mail]

    def state(self, token: str, browser: Browser = HERE, at: datetime = AT) -> str:
        with reading(self.engine, self.agency_id) as session:
            return check_link(session, SECRET, token, browser.secret, at).state

    def press(self, token: str, browser: Browser = HERE, at: datetime = AT) -> SignedIn | None:
        with writing(self.engine, self.agency_id) as session:
            return use_link(session, SECRET, token, browser, at)

    def type(self, public_id: str, code: str, browser: Browser = HERE, at: datetime = AT) -> SignedIn | None:
        return use_code(lambda: writing(self.engine, self.agency_id), SECRET, public_id, code, browser, at)


@pytest.fixture
def door(engine: Engine) -> Door:
    return Door(engine)


def test_a_link_signs_in_the_browser_that_asked_once(door: Door) -> None:
    door.ask()
    [mail] = door.mails()
    assert mail.email == ANA
    assert door.state(mail.link_token) == "ready"
    assert door.state(mail.link_token) == "ready"
    entered = door.press(mail.link_token)
    assert entered is not None
    assert (entered.email, entered.next_path) == (ANA, "/programs/7")
    assert door.press(mail.link_token) is None
    assert door.state(mail.link_token) == "over"
    with reading(door.engine, door.agency_id) as session:
        person = signed_in(session, entered.token, AT)
        entry = tell(session, session.scalars(select(AuditEntry)).all())[0]
    assert person is not None
    assert person.email == ANA
    assert (entry.action, entry.actor) == ("insured.signed_in", Actor("insured", ANA, HERE.ip))


def test_another_browser_gets_the_code_and_the_link_stays_unused(door: Door) -> None:
    public_id = door.ask()
    [mail] = door.mails()
    assert door.press(mail.link_token, THERE) is None
    with reading(door.engine, door.agency_id) as session:
        check = check_link(session, SECRET, mail.link_token, THERE.secret, AT)
    assert (check.state, check.code) == ("elsewhere", mail.code)
    assert door.state(mail.link_token) == "ready"
    assert door.type(public_id, check.code) is not None
    assert door.state(mail.link_token) == "over"


def test_a_link_lives_ten_minutes(door: Door) -> None:
    public_id = door.ask()
    [mail] = door.mails()
    late = AT + timedelta(minutes=10)
    assert door.state(mail.link_token, at=late - timedelta(seconds=1)) == "ready"
    assert door.state(mail.link_token, at=late) == "over"
    assert door.press(mail.link_token, at=late) is None
    assert door.type(public_id, mail.code, at=late) is None
    assert door.mails(late) == []


def test_made_up_links_are_unknown(door: Door) -> None:
    door.ask()
    [mail] = door.mails()
    public_id = mail.link_token.partition(".")[0]
    for token in ("", ".", public_id, public_id + ".", mail.link_token + "x", mail.link_token.lower()):
        assert door.state(token) == "unknown"
        assert door.press(token) is None


def test_the_database_alone_opens_nothing(door: Door) -> None:
    door.ask()
    [mail] = door.mails()
    with reading(door.engine, door.agency_id) as session:
        challenge = session.scalars(select(SignInChallenge)).one()
        stored = {str(value) for value in vars(challenge).values()}
    assert not stored & {mail.link_token, mail.code, mail.link_token.partition(".")[2], HERE.secret}


def test_an_unknown_address_leaves_the_same_traces_and_gets_no_mail(door: Door) -> None:
    door.ask("nobody@else.example")
    assert door.mails() == []
    with reading(door.engine, door.agency_id) as session:
        assert session.scalars(select(SignInChallenge)).one().email == "nobody@else.example"
        assert session.scalars(select(OutboxRow)).one().kind == MAIL_KIND


def test_an_address_that_is_no_longer_known_does_not_get_in(door: Door) -> None:
    public_id = door.ask("nobody@else.example")
    with reading(door.engine, door.agency_id) as session:
        assert is_open(session, public_id, HERE.secret, AT)
    for code in range(5):
        assert door.type(public_id, f"{code:06d}") is None


def test_a_code_is_tried_five_times(door: Door) -> None:
    public_id = door.ask()
    [mail] = door.mails()
    for _ in range(4):
        assert door.type(public_id, WRONG) is None
    assert door.type(public_id, f" {mail.code[:3]} {mail.code[3:]} ") is not None
    assert door.type(public_id, mail.code) is None


def test_after_five_wrong_codes_the_right_one_is_refused_but_the_link_works(door: Door) -> None:
    public_id = door.ask()
    [mail] = door.mails()
    for _ in range(5):
        assert door.type(public_id, WRONG) is None
    with reading(door.engine, door.agency_id) as session:
        assert not is_open(session, public_id, HERE.secret, AT)
    assert door.type(public_id, mail.code) is None
    assert door.press(mail.link_token) is not None


def test_a_code_typed_in_another_browser_is_not_even_a_try(door: Door) -> None:
    public_id = door.ask()
    [mail] = door.mails()
    for _ in range(6):
        assert door.type(public_id, mail.code, THERE) is None
    assert door.type(public_id, mail.code) is not None


def test_an_address_takes_twenty_wrong_codes_a_day(door: Door) -> None:
    for hour in range(4):
        at = AT + timedelta(hours=hour)
        public_id = door.ask(at=at)
        for _ in range(5):
            assert door.type(public_id, WRONG, at=at) is None
    at = AT + timedelta(hours=5)
    public_id = door.ask(at=at)
    [mail] = door.mails(at)
    with pytest.raises(TooMany):
        door.type(public_id, mail.code, at=at)
    assert door.press(mail.link_token, at=at) is not None


def test_sent_again_soon_the_late_mail_still_fits(door: Door) -> None:
    first = door.ask()
    second = door.ask(at=AT + timedelta(minutes=2))
    assert first == second
    assert len({mail.code for mail in door.mails()}) == 1
    assert len(door.mails()) == 2
    assert door.ask(at=AT + timedelta(minutes=6)) != first
    assert door.ask(browser=THERE, at=AT + timedelta(minutes=6)) != first


def test_tapping_twice_sends_one_mail(door: Door) -> None:
    door.ask()
    door.ask()
    assert len(door.mails()) == 1


def test_after_five_wrong_codes_a_new_mail_has_a_new_code(door: Door) -> None:
    public_id = door.ask()
    for _ in range(5):
        door.type(public_id, WRONG)
    again = door.ask(at=AT + timedelta(minutes=1))
    assert again != public_id
    assert door.type(again, door.mails()[-1].code, at=AT + timedelta(minutes=1)) is not None


@pytest.mark.parametrize("email", [ANA, "nobody@else.example"])
def test_five_requests_an_hour_for_an_address_known_or_not(door: Door, email: str) -> None:
    for number in range(5):
        door.ask(email, replace(HERE, ip=f"192.0.2.{number}"), AT + timedelta(minutes=number))
    with pytest.raises(TooMany):
        door.ask(email, replace(HERE, ip="192.0.2.99"), AT + timedelta(minutes=30))
    door.ask("other@else.example")
    door.ask(email, at=AT + timedelta(hours=1))


def test_thirty_requests_an_hour_from_a_network(door: Door) -> None:
    for number in range(30):
        door.ask(f"person{number}@else.example", replace(HERE, ip=f"2001:db8::{number}"))
    with pytest.raises(TooMany):
        door.ask("one.more@else.example", replace(HERE, ip="2001:db8::ffff"))
    door.ask("one.more@else.example", replace(HERE, ip="2001:db8:1::1"))


def test_links_and_codes_pressed_at_the_same_time_sign_in_once(door: Door) -> None:
    public_id = door.ask()
    [mail] = door.mails()
    ways: list[Callable[[], SignedIn | None]] = [
        lambda: door.press(mail.link_token),
        lambda: door.type(public_id, mail.code),
    ]
    with ThreadPoolExecutor(8) as pool:
        entered = list(pool.map(lambda number: ways[number % 4 == 3](), range(16)))
    assert sum(each is not None for each in entered) == 1
    with reading(door.engine, door.agency_id) as session:
        assert session.scalar(select(func.count(SignInSession.id))) == 1


def test_codes_tried_at_the_same_time_are_five_at_the_most(door: Door) -> None:
    public_id = door.ask()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: door.type(public_id, WRONG), range(12)))
    with reading(door.engine, door.agency_id) as session:
        assert session.scalars(select(SignInChallenge)).one().code_tries == 5


def test_another_agency_knows_nothing_of_it(door: Door) -> None:
    public_id = door.ask()
    [mail] = door.mails()
    other = make_agency(door.engine, "other")
    with writing(door.engine, other.id) as session:
        assert check_link(session, SECRET, mail.link_token, HERE.secret, AT).state == "unknown"
        assert use_link(session, SECRET, mail.link_token, HERE, AT) is None
        assert not is_open(session, public_id, HERE.secret, AT)


def test_a_session_ends_when_idle_when_old_and_when_signed_out(door: Door) -> None:
    with writing(door.engine, door.agency_id) as session:
        token = start_session(session, ANA, HERE.ip, "x" * 500, AT)
        assert signed_in(session, token, AT + timedelta(minutes=29)) is not None
        assert signed_in(session, token, AT + timedelta(minutes=30)) is None
        assert signed_in(session, "another", AT) is None
        moment = AT
        while moment < AT + timedelta(hours=12):
            person = signed_in(session, token, moment)
            assert person is not None
            assert needs_touch(person, moment) == (moment > AT)
            touch(session, person, moment)
            assert not needs_touch(replace(person, seen_at=moment), moment + timedelta(seconds=59))
            moment += timedelta(minutes=29)
        assert signed_in(session, token, AT + timedelta(hours=12)) is None
        person = signed_in(session, token, moment - timedelta(minutes=29))
        assert person is not None
        end_session(session, person.session_id, AT)
        assert signed_in(session, token, AT) is None
        assert token not in {str(value) for value in vars(session.scalars(select(SignInSession)).one()).values()}
