"""The codes of an authenticator app: which are good, and that none works twice, whoever comes at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import Engine, select, update

from portal.access.factor_tries import FactorTry
from portal.access.limits import SECOND_FACTOR
from portal.access.models import StaffFactor, Try
from portal.access.recovery_codes import new_recovery_codes, recovery_codes_left, use_recovery_code
from portal.access.second_factor import matching_step, new_app, start_app, use_app
from portal.access.staff import Staff, staff_of
from portal.agencies.found import add_staff
from portal.core.audit import SYSTEM, Actor
from portal.core.errors import TooMany
from portal.core.tenancy import reading, writing
from tests.factories.people import BOX, make_agency

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
SECRET = "a secret that only the deployment knows"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HERE = Actor("staff", "sam@harbor.example", "192.0.2.1")


class Door:
    """An agency with Sam, who has an authenticator app."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.agency_id = make_agency(engine).id
        with writing(engine, self.agency_id) as session:
            add_staff(session, HERE.name, "Sam", "support", SYSTEM, AT)
            found = staff_of(session, HERE.name)
            assert found is not None
            self.sam: Staff = found
            start_app(session, BOX, self.sam, AT)
            session.execute(update(StaffFactor).values(secret=BOX.close(SEED), confirmed_at=AT))

    def unit(self):
        return writing(self.engine, self.agency_id)

    def attempt(self) -> FactorTry:
        return FactorTry(self.unit, SECRET, self.sam, HERE, AT)

    def use(self, code: str) -> bool | str:
        try:
            return use_app(self.attempt(), BOX, code)
        except TooMany:
            return "wait"


@pytest.fixture
def door(engine: Engine) -> Door:
    return Door(engine)


@pytest.mark.parametrize("aside", [-2, -1, 0, 1, 2])
def test_a_code_is_good_in_its_step_and_the_ones_beside_it(aside: int) -> None:
    code = pyotp.TOTP(SEED).at(AT + aside * timedelta(seconds=30))
    step = int(AT.timestamp()) // 30
    assert matching_step(SEED, code, AT) == (step + aside if abs(aside) <= 1 else None)


@pytest.mark.parametrize("spaced", ["{0}{1}", " {0} {1} ", "{0}-{1}", "{0}\u00a0{1}"])
def test_a_code_is_good_however_it_is_spaced(spaced: str) -> None:
    code = pyotp.TOTP(SEED).at(AT)
    assert matching_step(SEED, spaced.format(code[:3], code[3:]), AT) is not None


@pytest.mark.parametrize("typed", ["", "1", "abcdef", "0000000000", "\0", "é" * 6])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert matching_step(SEED, typed, AT) is None


def test_a_code_lets_one_of_many_in(door: Door) -> None:
    code = pyotp.TOTP(SEED).at(AT)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(door.use, [code] * SECOND_FACTOR.most))
    assert answers.count(True) == 1
    assert door.use(pyotp.TOTP(SEED).at(AT - timedelta(seconds=30))) in {False, "wait"}


def test_many_at_once_get_five_tries(door: Door) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(door.use, ["000000"] * 12))
    assert answers.count(False) <= SECOND_FACTOR.most
    with reading(door.engine, door.agency_id) as session:
        assert len(session.scalars(select(Try).where(Try.kind == SECOND_FACTOR.kind)).all()) == answers.count(False)
    for _ in range(SECOND_FACTOR.most):
        door.use("000000")
    assert door.use(pyotp.TOTP(SEED).at(AT)) == "wait"


def test_a_recovery_code_lets_one_of_many_in(door: Door) -> None:
    with door.unit() as session:
        code, *_ = new_recovery_codes(session, SECRET, door.sam, HERE, AT)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: use_recovery_code(door.attempt(), code), range(SECOND_FACTOR.most)))
    assert answers.count(True) == 1
    with reading(door.engine, door.agency_id) as session:
        assert recovery_codes_left(session, door.sam.id) == 9


def test_new_codes_end_the_old_ones_and_are_ones_own(door: Door) -> None:
    with door.unit() as session:
        add_staff(session, "eva@harbor.example", "Eva", "support", SYSTEM, AT)
        eva = staff_of(session, "eva@harbor.example")
        old = new_recovery_codes(session, SECRET, door.sam, HERE, AT)
        new_recovery_codes(session, SECRET, door.sam, HERE, AT)
        assert eva is not None
        hers = new_recovery_codes(session, SECRET, eva, HERE, AT)
    for code in (old[0], hers[0]):
        assert not use_recovery_code(door.attempt(), code)


def test_the_seed_is_stored_sealed_and_the_app_shows_whose_it_is(door: Door) -> None:
    with door.unit() as session:
        start_app(session, BOX, door.sam, AT)
        begun = new_app(session, BOX, door.sam, "Harbor & Sons", AT)
        stored = [row.secret for row in session.scalars(select(StaffFactor))]
    assert begun is not None
    assert begun.uri.startswith("otpauth://totp/Harbor%20%26%20Sons:sam%40harbor.example?secret=")
    assert not any(begun.seed in each or SEED in each for each in stored)
