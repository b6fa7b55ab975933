"""Which programs are on autopay: at most one live enrollment of each."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from portal.core.tenancy import writing
from portal.payments.autopay.enrolled import is_on_autopay, on_autopay
from tests.factories.autopay import make_enrollment
from tests.factories.methods import make_method
from tests.factories.people import BEGINNING, make_agency, make_insured, make_program

ANA = "ana@bakery.example"


def test_a_program_is_on_autopay_from_turning_it_on_to_its_end(engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        insured = make_insured(session, ANA)
        on, off, never = (make_program(session, insured).id for _ in range(3))
        method = make_method(session, ANA)
        make_enrollment(session, off, method, ended_at=BEGINNING, ended_for="insured")
        make_enrollment(session, on, method, ended_at=BEGINNING, ended_for="staff")
        make_enrollment(session, on, method)
        assert on_autopay(session) == {on}
        assert [is_on_autopay(session, each) for each in (on, off, never)] == [True, False, False]


def test_a_program_has_at_most_one_enrollment_that_has_not_ended(engine: Engine) -> None:
    agency = make_agency(engine)
    with pytest.raises(IntegrityError), writing(engine, agency.id) as session:
        program = make_program(session, make_insured(session, ANA))
        method = make_method(session, ANA)
        make_enrollment(session, program.id, method)
        make_enrollment(session, program.id, method)
