"""The guest's index."""

import pytest
from sqlalchemy import Engine, select

from portal.core.tenancy import writing
from portal.programs.guest_keys import digests, programs_of_insured, reindex
from portal.programs.models import GuestKey
from tests.factories.people import key_of, make_agency, make_insured, make_policy, make_program


def test_digests_depend_on_key_agency_number_and_zip() -> None:
    one = digests(b"k", 1, "CPS 0071234", "78701")
    assert one == digests(b"k", 1, "cps-0071234", "78701")
    others = [
        digests(b"other", 1, "CPS 0071234", "78701"),
        digests(b"k", 2, "CPS 0071234", "78701"),
        digests(b"k", 1, "CPS 0071235", "78701"),
        digests(b"k", 1, "CPS 0071234", "78702"),
    ]
    assert len({*one, *(digest for pair in others for digest in pair)}) == 10


def test_a_number_without_its_zeros_meets_only_the_loose_digest() -> None:
    stored, typed = digests(b"k", 1, "CPS 0071234", "78701"), digests(b"k", 1, "CPS 71234", "78701")
    assert stored[1] == typed[1]
    assert stored[0] != typed[0]


def test_reindexing_follows_number_and_zip(engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        insured = make_insured(session, postal_code="78701-4042")
        program = make_program(session, insured)
        policy = make_policy(session, program, "CPS 0071234")
        make_policy(session, program, "--")
        other = make_program(session, make_insured(session))
        make_policy(session, other, "OTHER 1")
        reindex(session, key_of(agency), [program.id, other.id])
        insured.postal_code = "10001"
        session.flush()
        reindex(session, key_of(agency), programs_of_insured(session, insured.id))
        rows = session.execute(
            select(GuestKey.digest, GuestKey.is_exact, GuestKey.policy_id).where(GuestKey.program_id == program.id)
        ).all()
        kept = session.scalars(select(GuestKey).where(GuestKey.program_id == other.id)).all()
    exact, loose = digests(key_of(agency), agency.id, "CPS 0071234", "10001")
    assert sorted(rows, key=lambda row: not row[1]) == [(exact, True, policy.id), (loose, False, policy.id)]
    assert len(kept) == 2


@pytest.mark.parametrize(("country", "code"), [("GB", "SW1A 1AA"), ("DE", "10115"), ("MX", "06600")])
def test_an_insured_abroad_has_no_guest_key(engine: Engine, country: str, code: str) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        program = make_program(session, make_insured(session, postal_code=code, country=country))
        make_policy(session, program, "CPS 0071234")
        reindex(session, key_of(agency), [program.id])
        assert session.scalars(select(GuestKey)).all() == []
