"""Endorsements: billed at once, with the installments, or given back once the carrier has confirmed it."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from portal.core.errors import BadInput, Conflict, IllegalMove
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.payments.submit import submit
from portal.programs.changes import Endorsement
from portal.programs.endorsing import EndorsementDraft, Way
from portal.sandbox.stripe.server import Running
from portal.servicing.actions.endorse import confirm_credit, endorse, withdraw_credit
from portal.servicing.actions.facts import require
from tests.factories.desk import Desk, open_desk
from tests.factories.financing import quoted
from tests.factories.late import balances, financed
from tests.servicing.actions.test_cancel import credit, end, policies
from tests.servicing.actions.test_invoices import STAFF, news


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


def enter(desk: Desk, program_id: int, way: Way, key: str = "key-1", **cents: int) -> Endorsement:
    today = desk.till.today()
    amounts = cents or {"premium_cents": 900_00, "taxes_cents": 36_00, "fees_cents": 25_00}
    policy_id = policies(desk, program_id)[0]
    draft = EndorsementDraft(key, policy_id, way, "Added a truck", today, today + timedelta(days=15), **amounts)
    with desk.till.writing() as session:
        program = require(session, program_id, "endorse", today)
        return endorse(session, program, draft, STAFF, today, desk.clock())


def confirm(desk: Desk, program_id: int, endorsement_id: int) -> None:
    with desk.till.writing() as session:
        today = desk.till.today()
        program = require(session, program_id, "confirm_return", today)
        confirm_credit(session, program, endorsement_id, STAFF, today, desk.clock())


def billed(desk: Desk, program_id: int) -> list[tuple[object, int]]:
    with desk.till.reading() as session:
        query = select(Invoice.due_date, Invoice.total_cents).where(
            Invoice.program_id == program_id, Invoice.kind == "endorsement"
        )
        return list(session.execute(query.order_by(Invoice.due_date)))


def test_one_invoice_at_once_and_pressed_twice_still_one(desk: Desk) -> None:
    loan = financed(desk)
    enter(desk, loan.program_id, "invoice")
    enter(desk, loan.program_id, "invoice")
    assert billed(desk, loan.program_id) == [(desk.till.today() + timedelta(days=15), 961_00)]
    assert news(desk) == ["endorsed"]
    books = balances(desk)
    assert (books["receivable"], books["commission_billed"]) == (961_00, -112_50)
    desk.assert_sound()


def test_spread_it_is_due_with_the_installments_fees_first(desk: Desk) -> None:
    loan = financed(desk)
    enter(desk, loan.program_id, "spread")
    assert billed(desk, loan.program_id) == [
        (day, 104_00 + (25_00 if number == 0 else 0)) for number, day in enumerate(loan.due_dates)
    ]
    desk.assert_sound()


def test_a_persons_is_spread_over_four_at_the_most_and_nothing_without_a_loan(desk: Desk) -> None:
    loan = financed(desk)
    with desk.till.writing() as session:
        session.scalars(select(Insured)).one().kind = "person"
    enter(desk, loan.program_id, "spread")
    assert [day for day, _ in billed(desk, loan.program_id)] == list(loan.due_dates[:4])


def test_without_installments_it_cannot_be_spread(desk: Desk) -> None:
    quote = quoted(desk)
    submit(desk.till, desk.order(quote.invoice_id))
    with pytest.raises(BadInput, match="cannot be spread"):
        enter(desk, quote.program_id, "spread")
    with pytest.raises(BadInput, match="Fees are fully earned"):
        enter(desk, quote.program_id, "credit", premium_cents=1_00, fees_cents=1)
    with pytest.raises(BadInput, match="More would come back"):
        enter(desk, quote.program_id, "credit", premium_cents=9_000_00)


def test_premium_comes_back_once_the_carrier_has_confirmed_it(desk: Desk) -> None:
    quote = quoted(desk)
    submit(desk.till, desk.order(quote.invoice_id))
    before = balances(desk)
    row = enter(desk, quote.program_id, "credit", premium_cents=800_00, taxes_cents=32_00)
    assert (balances(desk), news(desk)) == (before, [])
    confirm(desk, quote.program_id, row.id)
    after = balances(desk)
    assert credit(desk, quote.program_id) == 832_00
    assert after["premium_payable"] == before["premium_payable"] + 700_00
    assert after["commission_income"] == before["commission_income"] + 100_00
    assert after["tax_payable"] == before["tax_payable"] + 32_00
    assert news(desk) == ["credited"]
    with pytest.raises(IllegalMove, match="No premium waits"):
        confirm(desk, quote.program_id, row.id)
    desk.assert_sound()
    back = end(desk, quote.program_id, "flat").returned_cents
    assert balances(desk)["customer_credit"] == -(832_00 + back)
    assert "premium_payable" not in balances(desk)
    desk.assert_sound()


def test_of_a_loan_it_pays_the_last_installments(desk: Desk) -> None:
    loan = financed(desk)
    row = enter(desk, loan.program_id, "credit", premium_cents=500_00)
    confirm(desk, loan.program_id, row.id)
    last = loan.quote.offer.schedule.installments[-1].payment_cents
    assert desk.invoice_state(loan.installments[-1]) == ("open", last - 500_00)
    assert credit(desk, loan.program_id) == 0
    desk.assert_sound()


def test_taken_back_nothing_was_booked(desk: Desk) -> None:
    loan = financed(desk)
    before = balances(desk)
    row = enter(desk, loan.program_id, "credit", premium_cents=500_00)
    with desk.till.writing() as session:
        program = require(session, loan.program_id, "confirm_return", desk.till.today())
        withdraw_credit(session, program, row.id, STAFF, desk.clock())
        with pytest.raises(Conflict, match="already"):
            withdraw_credit(session, program, row.id, STAFF, desk.clock())
    assert (balances(desk), news(desk)) == (before, [])


def test_while_somebody_pays_nothing_comes_back(desk: Desk) -> None:
    loan = financed(desk)
    row = enter(desk, loan.program_id, "credit", premium_cents=500_00)
    submit(desk.till, desk.order(loan.installments[0], card="pm_usBankAccount_processing"))
    with pytest.raises(IllegalMove, match="under way"):
        confirm(desk, loan.program_id, row.id)
