"""A financed program is canceled by staff and reinstated by its insured; the books balance in any order."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from portal.core.audit import SYSTEM, Actor
from portal.core.errors import Conflict
from portal.core.outbox import OutboxRow
from portal.financing.late.models import CancelNotice, Reinstatement
from portal.financing.late.terms import LateTerms, set_late_terms
from portal.financing.loans import book_interest
from portal.financing.models import Loan
from portal.invoices.models import Invoice
from portal.ledger.late_postings import OpenInstallment, credit_of, loan_canceled, loan_reinstated
from portal.ledger.postings import Billed, Share
from portal.payments.autopay.enrolled import is_on_autopay
from portal.payments.money_back.credit import CreditOwner, credit_balance
from portal.payments.submit import submit
from portal.programs.models import Program
from portal.sandbox.stripe.server import Running
from portal.servicing.late.cancel import cancel_program
from portal.servicing.late.fees import charge_fees
from portal.servicing.late.notices import make_notice
from portal.servicing.late.reinstate import lapse_reinstatements, offer_reinstatement, withdraw_reinstatement
from portal.servicing.program_facts import statuses_of
from tests.factories.autopay import make_enrollment
from tests.factories.desk import Desk, open_desk
from tests.factories.late import Financed, balances, financed, paper_of, wait_until
from tests.factories.methods import make_method

STAFF = Actor("staff", "luis@harbor.example")


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


@pytest.fixture
def loan(desk: Desk) -> Financed:
    """Its first installment is paid, the second is past due, and the days of the notice are over."""
    made = financed(desk)
    submit(desk.till, desk.order(made.installments[0]))
    noticed(desk, made, 1)
    return made


def noticed(desk: Desk, loan: Financed, number: int) -> None:
    """A notice for an installment is sent, and its days pass."""
    wait_until(desk, loan.due_dates[number] + timedelta(days=10))
    with desk.till.writing() as session:
        set_late_terms(session, LateTerms(notices="send", reinstatement_fee_cents=50_00), SYSTEM, desk.clock())
        book_interest(session, desk.till.today(), desk.clock())
        assert make_notice(session, loan.program_id, paper_of(desk), desk.till.today(), desk.clock()) is not None
    wait_until(desk, loan.due_dates[number] + timedelta(days=21))


def cancel(desk: Desk) -> None:
    with desk.till.writing() as session:
        notice_id = session.scalars(select(CancelNotice.id).order_by(CancelNotice.id.desc())).first()
        cancel_program(session, notice_id or 0, STAFF, desk.till.today(), desk.clock())


def offer(desk: Desk, loan: Financed) -> Reinstatement:
    with desk.till.writing() as session:
        return offer_reinstatement(session, loan.program_id, STAFF, desk.till.today(), desk.clock())


def status(desk: Desk, loan: Financed) -> str:
    with desk.till.reading() as session:
        return statuses_of(session, [loan.program_id], desk.till.today())[loan.program_id]


def loan_state(desk: Desk, loan: Financed) -> str:
    with desk.till.reading() as session:
        return session.get_one(Loan, loan.loan.id).state


def news(desk: Desk) -> list[str]:
    with desk.till.reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.coverage_news").order_by(OutboxRow.id))
        return [row.payload["news"] for row in rows]


def open_invoices(desk: Desk, loan: Financed) -> list[tuple[str, int]]:
    with desk.till.reading() as session:
        query = select(Invoice.kind, Invoice.open_cents).where(
            Invoice.program_id == loan.program_id, Invoice.state == "open"
        )
        return list(session.execute(query.order_by(Invoice.id)))


def test_canceled_nothing_is_owed_and_the_books_hold_only_what_was_paid(desk: Desk, loan: Financed) -> None:
    with desk.till.writing() as session:
        make_enrollment(session, loan.program_id, make_method(session, "ana@bakery.example"))
    cancel(desk)
    assert (status(desk, loan), loan_state(desk, loan), open_invoices(desk, loan)) == ("canceled", "canceled", [])
    with desk.till.reading() as session:
        assert session.get_one(Program, loan.program_id).canceled_on == desk.till.today()
        assert not is_on_autopay(session, loan.program_id)
        notice = session.scalars(select(CancelNotice)).one()
    assert (notice.closed_for, notice.closed_by) == ("canceled", STAFF.name)
    books = balances(desk)
    assert not {"loan_receivable", "unearned_interest", "receivable", "customer_credit"} & books.keys()
    schedule = loan.quote.offer.schedule
    assert books["interest_income"] == -schedule.installments[0].interest_cents
    paid = schedule.down_payment_cents + schedule.installments[0].payment_cents
    assert books["processor_clearing"] == paid
    assert news(desk) == ["canceled"]
    desk.assert_sound()


def test_before_its_days_are_over_or_with_a_payment_under_way_nothing_is_canceled(desk: Desk, loan: Financed) -> None:
    late = loan.due_dates[1]
    wait_until(desk, late + timedelta(days=20))
    with pytest.raises(Conflict, match="are not over"):
        cancel(desk)
    wait_until(desk, late + timedelta(days=21))
    other = submit(desk.till, desk.order(loan.installments[5], card="pm_usBankAccount_processing"))
    assert other.state == "processing"
    with pytest.raises(Conflict, match="payment is under way on this program"):
        cancel(desk)
    assert loan_state(desk, loan) == "bound"


def test_what_is_paid_in_the_last_moment_is_not_canceled(desk: Desk, loan: Financed) -> None:
    submit(desk.till, desk.order(loan.installments[1]))
    with pytest.raises(Conflict, match="closed already"):
        cancel(desk)
    assert status(desk, loan) == "active"


def test_reinstated_it_is_as_if_the_installment_had_been_paid(desk: Desk, loan: Financed) -> None:
    with desk.till.writing() as session:
        charge_fees(session, desk.till.today(), desk.clock())
    before = balances(desk)
    cancel(desk)
    made = offer(desk, loan)
    second = loan.quote.offer.schedule.installments[1].payment_cents
    assert (made.past_due_cents, made.fee_cents) == (second, 50_00)
    assert (status(desk, loan), open_invoices(desk, loan)) == (
        "reinstatement_due",
        [("reinstatement", second + 50_00)],
    )
    desk.assert_sound()
    submit(desk.till, desk.order(made.invoice_id))
    assert (status(desk, loan), loan_state(desk, loan)) == ("active", "bound")
    assert [kind for kind, _ in open_invoices(desk, loan)] == ["installment"] * 7
    after = balances(desk)
    fee = -before.pop("late_fee_income")  # its invoice is void, and not billed again
    assert before.pop("receivable") == fee
    assert after["fee_income"] == before["fee_income"] - 50_00
    assert after["processor_clearing"] == before["processor_clearing"] + second + 50_00
    assert after["loan_receivable"] == before["loan_receivable"] - second
    for account in ("unearned_interest", "interest_income", "premium_payable", "tax_payable", "commission_income"):
        assert after[account] == before[account], account
    assert "loan_arrears" not in after
    assert news(desk) == ["canceled", "reinstatement"]
    desk.assert_sound()


def test_an_offer_lapses_after_thirty_days_and_can_be_made_again(desk: Desk, loan: Financed) -> None:
    cancel(desk)
    before = balances(desk)
    made = offer(desk, loan)
    with pytest.raises(Conflict, match="offered already"):
        offer(desk, loan)
    for days, state in ((30, "reinstatement_due"), (31, "canceled")):
        wait_until(desk, made.offered_on + timedelta(days=days))
        with desk.till.writing() as session:
            lapse_reinstatements(session, desk.till.today(), desk.clock())
        assert status(desk, loan) == state
    assert balances(desk) == before
    again = offer(desk, loan)
    assert again.past_due_cents > made.past_due_cents
    with desk.till.writing() as session:
        withdraw_reinstatement(session, loan.program_id, STAFF, desk.till.today(), desk.clock())
    assert (status(desk, loan), balances(desk)) == ("canceled", before)
    desk.assert_sound()


def test_an_offer_that_is_being_paid_neither_lapses_nor_is_taken_back(desk: Desk, loan: Financed) -> None:
    cancel(desk)
    made = offer(desk, loan)
    debit = submit(desk.till, desk.order(made.invoice_id, card="pm_usBankAccount_processing"))
    assert (debit.state, status(desk, loan)) == ("processing", "processing")
    wait_until(desk, made.offered_on + timedelta(days=40))
    with desk.till.writing() as session:
        lapse_reinstatements(session, desk.till.today(), desk.clock())
    with desk.till.writing() as session, pytest.raises(Conflict, match="under way"):
        withdraw_reinstatement(session, loan.program_id, STAFF, desk.till.today(), desk.clock())
    with desk.till.reading() as session:
        assert session.scalars(select(Reinstatement)).one().closed_at is None


def test_canceled_and_reinstated_twice_the_books_are_sound(desk: Desk, loan: Financed) -> None:
    cancel(desk)
    submit(desk.till, desk.order(offer(desk, loan).invoice_id))
    noticed(desk, loan, 2)
    cancel(desk)
    desk.assert_sound()
    submit(desk.till, desk.order(offer(desk, loan).invoice_id))
    assert (status(desk, loan), loan_state(desk, loan)) == ("active", "bound")
    desk.assert_sound()


def test_interest_that_was_paid_ahead_and_is_not_earned_becomes_credit(desk: Desk, loan: Financed) -> None:
    submit(desk.till, desk.order(*loan.installments[6:]))
    cancel(desk)
    ahead = sum(one.interest_cents for one in loan.quote.offer.schedule.installments[6:])
    assert balances(desk)["customer_credit"] == -ahead
    with desk.till.reading() as session:
        insured_id = session.get_one(Program, loan.program_id).insured_id
        assert credit_balance(session, CreditOwner(insured_id=insured_id)) == ahead
    desk.assert_sound()
    submit(desk.till, desk.order(offer(desk, loan).invoice_id))
    assert balances(desk)["customer_credit"] == -ahead
    desk.assert_sound()


def test_a_program_that_was_not_canceled_for_non_payment_is_not_reinstated(desk: Desk, loan: Financed) -> None:
    with pytest.raises(Conflict, match="not canceled for non-payment"):
        offer(desk, loan)


amounts = st.integers(0, 50_000)


@st.composite
def installments(draw: st.DrawFn) -> list[OpenInstallment]:
    made = []
    for number in range(draw(st.integers(1, 6))):
        interest, principal = draw(amounts), draw(st.integers(1, 50_000))
        unearned = draw(st.integers(0, interest))
        unpaid = draw(st.integers(0, interest + principal))
        made.append(OpenInstallment(number + 1, interest + principal, interest, unpaid, draw(st.booleans()), unearned))
    return made


@given(installments(), st.integers(0, 100))
def test_a_cancelation_balances_and_its_reinstatement_undoes_it(ones: list[OpenInstallment], tax_share: int) -> None:
    principal = sum(one.payment_cents - one.interest_cents for one in ones)
    tax = principal * tax_share // 100
    shares = (Share("premium_billed", principal - tax, 1), Share("tax_billed", tax, 1))
    financed_invoice = Billed(99, shares, "receivable")
    day = date(2026, 8, 1)
    canceled = loan_canceled("1:1", financed_invoice, ones, day)
    assert sum(line.cents for line in canceled.lines) == 0
    undone = loan_reinstated("1:1", canceled.lines, day)
    total: dict[str, int] = {}
    for line in (*canceled.lines, *undone.lines):
        total[line.account] = total.get(line.account, 0) + line.cents
    credit = credit_of(ones)
    assert {account: cents for account, cents in total.items() if cents} == (
        {"customer_credit": -credit, "interest_income": credit} if credit else {}
    )
