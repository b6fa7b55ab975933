"""Recovery codes are short, so what is kept of them is slow to guess."""

from argon2 import extract_parameters
from argon2.low_level import Type
from sqlalchemy import Engine, select

from portal.access.factor_tries import FactorTry
from portal.access.models import StaffRecoveryCode
from portal.access.recovery_codes import MANY, new_recovery_codes, recovery_codes_left, use_recovery_code
from portal.access.staff import Staff
from portal.agencies.found import add_staff
from portal.core.audit import SYSTEM
from portal.core.tenancy import reading, writing
from tests.factories.people import BEGINNING, make_agency

SECRET = "only for these tests"


def test_what_is_kept_is_slow_to_guess_and_never_the_same_twice(engine: Engine) -> None:
    agency = make_agency(engine, "harbor")
    with writing(engine, agency.id) as session:
        row = add_staff(session, "sam@harbor.example", "Sam", "admin", SYSTEM, BEGINNING)
        sam = Staff(row.id, row.email, row.name, "admin")
        codes = new_recovery_codes(session, SECRET, sam, SYSTEM, BEGINNING)
    with reading(engine, agency.id) as session:
        kept = list(session.scalars(select(StaffRecoveryCode.code_hash)))
    assert len(set(kept)) == MANY
    for each in kept:
        how = extract_parameters(each)
        assert how.type is Type.ID and how.salt_len >= 16 and how.memory_cost >= 19 * 1024 and how.time_cost >= 2
        assert not [code for code in codes if code in each or code.replace("-", "") in each]
    attempt = FactorTry(lambda: writing(engine, agency.id), SECRET, sam, SYSTEM, BEGINNING)
    assert use_recovery_code(attempt, codes[-1].upper())
    assert not use_recovery_code(attempt, codes[-1])
    with reading(engine, agency.id) as session:
        assert recovery_codes_left(session, sam.id) == MANY - 1
