"""Which programs are on autopay: at most one live enrollment of each."""

from datetime import date, timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from portal.core.tenancy import writing
from portal.payments.autopay.enrolled import charged, is_on_autopay
from portal.payments.models import Claim
from tests.factories.autopay import make_enrollment
from tests.factories.methods import make_method
from tests.factories.payments import make_payment
from tests.factories.people import BEGINNING, make_agency, make_insured, make_invoice, make_program

ANA = "ana@bakery.example"


class Asked(NamedTuple):
    """An open invoice."""

    id: int
    kind: str
    due_date: date
    program_id: int


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
        one = Asked(1, "installment", agreed_on, program_id)
        assert by_autopay.holds(one)
        assert not by_autopay.holds(one._replace(due_date=agreed_on - timedelta(days=1)))
        assert not by_autopay.holds(one._replace(kind="pay_in_full"))
        assert not by_autopay.holds(one._replace(program_id=program_id + 1))
        enrollment.asks_since = BEGINNING
        session.flush()
        assert not charged(session, program_id).holds(one)


def test_it_leaves_what_was_paid_and_came_back(engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        insured = make_insured(session, ANA)
        program = make_program(session, insured)
        make_enrollment(session, program.id, make_method(session, ANA))
        back, other = (
            make_invoice(session, insured, program, kind="installment", due_date=BEGINNING.date()) for _ in range(2)
        )
        make_payment(session, back)
        claim = session.scalars(select(Claim)).one()
        claim.state, claim.taken_back_cents = "reversed", claim.amount_cents
        back.state, back.open_cents = "open", back.total_cents
        session.flush()
        for by_autopay in charged(session), charged(session, program.id):
            assert [by_autopay.holds(one) for one in (back, other)] == [False, True]


def test_it_charges_no_method_that_is_gone_or_of_an_account_that_was_left(engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        insured = make_insured(session, ANA)
        gone, left, kept = (make_program(session, insured).id for _ in range(3))
        methods = [make_method(session, ANA) for _ in range(3)]
        for program_id, method in zip((gone, left, kept), methods, strict=True):
            make_enrollment(session, program_id, method)
        methods[0].state = "removed"
        methods[1].account = "acct_left"
        session.flush()
        day = BEGINNING.date()
        by_autopay = charged(session)
        asked = [Asked(1, "installment", day, program_id) for program_id in (gone, left, kept)]
        assert [by_autopay.holds(one) for one in asked] == [False, False, True]
        assert all(by_autopay.is_promised(one) for one in asked), "no fee for what the agency's own change has stopped"


def test_a_program_has_at_most_one_enrollment_that_has_not_ended(engine: Engine) -> None:
    agency = make_agency(engine)
    with pytest.raises(IntegrityError), writing(engine, agency.id) as session:
        program = make_program(session, make_insured(session, ANA))
        method = make_method(session, ANA)
        make_enrollment(session, program.id, method)
        make_enrollment(session, program.id, method)
