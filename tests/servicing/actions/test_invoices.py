"""Another due date, void, write off: on what nobody is paying, with sound books."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, select

from portal.core.audit import Actor
from portal.core.db import make_engine
from portal.core.errors import BadInput, Conflict, IllegalMove
from portal.core.outbox import OutboxRow
from portal.core.tenancy import writing
from portal.financing.loans import book_interest
from portal.financing.models import Loan
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.invoices.models import Invoice, WriteOff
from portal.payments.submit import submit
from portal.programs.models import Program
from portal.sandbox.stripe.server import Running
from portal.servicing.actions.facts import require
from portal.servicing.actions.invoices import change_due_date, void_open, write_off
from tests.factories.desk import Desk, open_desk
from tests.factories.financing import quoted
from tests.factories.late import balances, financed, wait_until

STAFF = Actor("staff", "luis@harbor.example")


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


def endorse(desk: Desk, program_id: int, cents: int = 300_00) -> int:
    """An invoice of an endorsement that is due in ten days."""
    with desk.till.writing() as session:
        program = session.get_one(Program, program_id)
        today = desk.till.today()
        lines = [LineDraft("premium", "Added driver", cents, cents // 10)]
        draft = InvoiceDraft(
            program.insured_id, "endorsement", lines, today, today + timedelta(days=10), program_id, "Added driver"
        )
        return issue_invoice(session, draft, desk.clock()).id


def move(desk: Desk, program_id: int, invoice_id: int, days: int) -> None:
    with desk.till.writing() as session:
        today = desk.till.today()
        program = require(session, program_id, "change_due_date", today)
        change_due_date(session, program, invoice_id, today + timedelta(days=days), STAFF, today, desk.clock())


def void(desk: Desk, program_id: int, invoice_id: int) -> None:
    with desk.till.writing() as session:
        program = require(session, program_id, "void_invoice", desk.till.today())
        void_open(session, program, invoice_id, "", STAFF, desk.till.today(), desk.clock())


def give_up(desk: Desk, program_id: int, invoice_id: int) -> None:
    with desk.till.writing() as session:
        program = require(session, program_id, "write_off", desk.till.today())
        write_off(session, program, invoice_id, "small", "", STAFF, desk.till.today(), desk.clock())


def news(desk: Desk) -> list[str]:
    with desk.till.reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.program_news").order_by(OutboxRow.id))
        return [row.payload["news"] for row in rows]


def test_a_due_date_moves_with_its_program_and_the_insured_is_told(desk: Desk) -> None:
    quote = quoted(desk)
    move(desk, quote.program_id, quote.invoice_id, 20)
    with desk.till.reading() as session:
        day = desk.till.today() + timedelta(days=20)
        assert session.get_one(Invoice, quote.invoice_id).due_date == day
        assert session.get_one(Program, quote.program_id).due_date == day
    assert news(desk) == ["due_date"]
    for days in (-1, 366):
        with pytest.raises(BadInput, match="within a year"):
            move(desk, quote.program_id, quote.invoice_id, days)


def test_what_is_being_paid_is_neither_moved_nor_voided_nor_written_off(desk: Desk) -> None:
    program_id = financed(desk).program_id
    invoice_id = endorse(desk, program_id)
    submit(desk.till, desk.order(invoice_id, card="pm_usBankAccount_processing"))
    for act in (move_it, void, give_up):
        with pytest.raises(IllegalMove):
            act(desk, program_id, invoice_id)
    assert desk.invoice_state(invoice_id) == ("open", 300_00)


def move_it(desk: Desk, program_id: int, invoice_id: int) -> None:
    move(desk, program_id, invoice_id, 5)


def test_the_day_of_an_installment_stands_in_the_agreement(desk: Desk) -> None:
    loan = financed(desk)
    endorse(desk, loan.program_id)
    with pytest.raises(Conflict, match="cannot be done with this invoice"):
        move(desk, loan.program_id, loan.installments[0], 5)


def test_a_voided_endorsement_was_never_there(desk: Desk) -> None:
    loan = financed(desk)
    before = balances(desk)
    invoice_id = endorse(desk, loan.program_id)
    void(desk, loan.program_id, invoice_id)
    assert desk.invoice_state(invoice_id) == ("void", 0)
    assert balances(desk) == before
    assert news(desk) == ["voided"]
    with pytest.raises(IllegalMove, match="Only an endorsement"):
        void(desk, loan.program_id, invoice_id)
    desk.assert_sound()


def test_written_off_the_agency_bears_it_and_the_carrier_gets_its_premium(desk: Desk) -> None:
    loan = financed(desk)
    before = balances(desk)
    invoice_id = endorse(desk, loan.program_id)
    with pytest.raises(IllegalMove, match="past due"):
        give_up(desk, loan.program_id, invoice_id)
    wait_until(desk, desk.till.today() + timedelta(days=11))
    give_up(desk, loan.program_id, invoice_id)
    assert desk.invoice_state(invoice_id) == ("paid", 0)
    after = balances(desk)
    assert after["bad_debt"] == 300_00
    assert after["premium_payable"] == before["premium_payable"] - 270_00
    assert after["commission_income"] == before["commission_income"] - 30_00
    with desk.till.reading() as session:
        row = session.scalars(select(WriteOff)).one()
    assert (row.amount_cents, row.reason, row.by) == (300_00, "small", STAFF.name)
    assert news(desk) == []
    desk.assert_sound()


def test_the_last_installment_that_is_written_off_ends_its_loan(desk: Desk) -> None:
    loan = financed(desk)
    submit(desk.till, desk.order(*loan.installments[:-1]))
    wait_until(desk, loan.due_dates[-1] + timedelta(days=1))
    with desk.till.writing() as session:
        book_interest(session, desk.till.today(), desk.clock())
    give_up(desk, loan.program_id, loan.installments[-1])
    with desk.till.reading() as session:
        assert session.get_one(Loan, loan.loan.id).state == "paid_off"
    assert balances(desk)["bad_debt"] == loan.quote.offer.schedule.installments[-1].payment_cents
    desk.assert_sound()


def test_bad_debt_of_another_amount_is_found(desk: Desk) -> None:
    loan = financed(desk)
    invoice_id = endorse(desk, loan.program_id)
    wait_until(desk, desk.till.today() + timedelta(days=11))
    give_up(desk, loan.program_id, invoice_id)
    with desk.till.writing() as session:
        session.scalars(select(WriteOff)).one().amount_cents += 1
    assert ["what is written off" in rule for rule in desk.broken_rules()] == [True]


def test_bad_debt_that_nobody_has_given_up_is_found(desk: Desk, owner_url: str) -> None:
    loan = financed(desk)
    invoice_id = endorse(desk, loan.program_id)
    wait_until(desk, desk.till.today() + timedelta(days=11))
    give_up(desk, loan.program_id, invoice_id)
    owner = make_engine(owner_url)
    with writing(owner, desk.agency.id) as session:
        session.execute(delete(WriteOff).execution_options(synchronize_session=False))
    owner.dispose()
    assert ["bad debt in the books" in rule for rule in desk.broken_rules()] == [True]
