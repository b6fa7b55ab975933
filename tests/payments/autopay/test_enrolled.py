"""Which programs are on autopay: at most one live enrollment of each."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from portal.core.tenancy import writing
from portal.payments.autopay.enrolled import charged, is_on_autopay
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
        assert set(charged(session).since) == {on}
        assert [is_on_autopay(session, each) for each in (on, off, never)] == [True, False, False]


def test_it_charges_what_is_due_from_the_consent_on_while_the_bank_lets_it(engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        program_id = make_program(session, make_insured(session, ANA)).id
        enrollment = make_enrollment(session, program_id, make_method(session, ANA))
        agreed_on = BEGINNING.date()
        by_autopay = charged(session, program_id)
        assert by_autopay.holds(program_id, "installment", agreed_on)
        assert not by_autopay.holds(program_id, "installment", agreed_on - timedelta(days=1))
        assert not by_autopay.holds(program_id, "pay_in_full", agreed_on)
        assert not by_autopay.holds(program_id + 1, "installment", agreed_on)
        enrollment.asks_since = BEGINNING
        session.flush()
        assert not charged(session, program_id).holds(program_id, "installment", agreed_on)


def test_a_program_has_at_most_one_enrollment_that_has_not_ended(engine: Engine) -> None:
    agency = make_agency(engine)
    with pytest.raises(IntegrityError), writing(engine, agency.id) as session:
        program = make_program(session, make_insured(session, ANA))
        method = make_method(session, ANA)
        make_enrollment(session, program.id, method)
        make_enrollment(session, program.id, method)
