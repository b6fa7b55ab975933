"""The late fee that an overdue mail names is the one that is charged, on the day that it names."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from portal.core.audit import SYSTEM
from portal.financing.late.fees import NONE_AGREED
from portal.financing.late.terms import LateTerms, set_late_terms
from portal.payments.submit import submit
from portal.sandbox.stripe.server import Running
from portal.servicing.late.coming_fee import ComingFee, coming_fee
from portal.servicing.late.fees import charge_fees
from tests.factories.desk import Desk, open_desk
from tests.factories.late import Financed, fee_invoices, financed, wait_until


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


def named(desk: Desk, loan: Financed) -> ComingFee | None:
    with desk.till.reading() as session:
        return coming_fee(session, loan.installments[:2], desk.till.today())


def test_it_is_the_one_that_is_charged_on_its_day(desk: Desk) -> None:
    loan = financed(desk)
    assert named(desk, loan) is None, "nothing is past due yet"
    wait_until(desk, loan.due_dates[0] + timedelta(days=1))
    fee = named(desk, loan)
    assert fee is not None
    assert fee.day == loan.due_dates[0] + timedelta(days=5)
    wait_until(desk, fee.day)
    assert named(desk, loan) is None
    with desk.till.writing() as session:
        charge_fees(session, desk.till.today(), desk.clock())
    assert [cents for _, _, cents, _ in fee_invoices(desk)] == [fee.cents]
    assert named(desk, loan) is None


def test_where_there_is_none_none_is_named(desk: Desk) -> None:
    plain = financed(desk, NONE_AGREED)
    wait_until(desk, plain.due_dates[0] + timedelta(days=1))
    assert named(desk, plain) is None


def test_what_is_paid_or_switched_off_has_none(desk: Desk) -> None:
    loan = financed(desk)
    wait_until(desk, loan.due_dates[0] + timedelta(days=1))
    with desk.till.writing() as session:
        set_late_terms(session, LateTerms(fee_is_charged=False), SYSTEM, desk.clock())
    assert named(desk, loan) is None
    with desk.till.writing() as session:
        set_late_terms(session, LateTerms(), SYSTEM, desk.clock())
    submit(desk.till, desk.order(loan.installments[0]))
    assert named(desk, loan) is None
