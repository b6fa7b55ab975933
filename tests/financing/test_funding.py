"""The lender's money: recorded once for a bound loan, never more than was financed, and the books say the same."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from portal.core.audit import Actor
from portal.core.errors import BadInput, Conflict
from portal.core.tenancy import writing
from portal.financing.funding import Funding, check_funding, record_funding
from portal.financing.models import Loan
from portal.ledger.journal import post
from portal.ledger.postings import lender_funded
from portal.payments.submit import submit
from portal.sandbox.stripe.server import Running
from tests.factories.desk import Desk, open_desk
from tests.factories.financing import quoted, signed

CORA = Actor("staff", "cora@harbor.example")


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


def bound(desk: Desk) -> Loan:
    """A loan whose down payment has come by card."""
    loan = signed(desk, quoted(desk))
    submit(desk.till, desk.order(loan.down_invoice_id))
    return loan


def fund(desk: Desk, loan: Loan, cents: int, on: date | None = None) -> Loan:
    with desk.till.writing() as session:
        funding = Funding(on or desk.till.today(), cents, "WIRE 1")
        return record_funding(session, loan.id, funding, desk.agency.time_zone, CORA, desk.clock())


def test_it_is_in_the_books_once(desk: Desk) -> None:
    loan = bound(desk)
    fund(desk, loan, loan.amount_financed_cents)
    desk.assert_sound()
    with pytest.raises(Conflict, match="recorded already"):
        fund(desk, loan, 1)
    desk.assert_sound()
    with writing(desk.till.engine, desk.agency.id) as session:
        session.execute(update(Loan).values(funded_cents=loan.amount_financed_cents - 1))
    assert "what a lender has sent for a loan is in the books, once" in desk.broken_rules()[0]


def test_money_of_a_lender_without_a_loan_is_found(desk: Desk) -> None:
    with desk.till.writing() as session:
        post(session, [lender_funded("98765", 1, desk.till.today())], desk.clock())
    assert "money of a lender in the books belongs to a loan" in desk.broken_rules()[0]


def test_what_cannot_be_is_refused(desk: Desk) -> None:
    loan = signed(desk, quoted(desk))
    with pytest.raises(Conflict, match="The down payment has not come yet"):
        fund(desk, loan, 1)
    submit(desk.till, desk.order(loan.down_invoice_id))
    for cents in (0, -1, loan.amount_financed_cents + 1):
        with pytest.raises(BadInput, match="and the amount financed"):
            fund(desk, loan, cents)
    for days in (-2, 1):
        with pytest.raises(BadInput, match="between the signature and today"):
            fund(desk, loan, 1, desk.till.today() + timedelta(days=days))
    desk.assert_sound()


def test_days_are_counted_where_the_agency_is() -> None:
    evening = datetime(2026, 7, 16, 0, 30, tzinfo=UTC)  # half past eight in New York, on the 15th
    loan = Loan(signed_at=evening, bound_at=evening, amount_financed_cents=100)
    check_funding(loan, Funding(date(2026, 7, 15), 100, "WIRE 1"), "America/New_York", evening)
    with pytest.raises(BadInput, match="between the signature and today"):
        check_funding(loan, Funding(date(2026, 7, 16), 100, "WIRE 1"), "America/New_York", evening)
