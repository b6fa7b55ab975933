"""Loans whose money goes back: they go on, their books are sound, and what comes again ends them again."""

import pytest
from sqlalchemy import func, select

from portal.core.errors import NotFound
from portal.financing.loans import book_interest
from portal.financing.models import Loan, LoanInstallment
from portal.financing.payoffs import quote_payoff
from portal.invoices.models import Invoice
from portal.ledger.models import JournalEntry
from portal.payments.claims import Payer, ReviewChanged
from portal.payments.models import Payment
from portal.payments.money_back.credit import CreditOwner, apply_credit, enter_credit
from portal.payments.money_back.disputes import apply_dispute
from portal.payments.money_back.refund import refund
from portal.payments.offline import Received, bounce_check, record_offline
from portal.payments.submit import submit
from portal.reports.credit import credit_page
from tests.factories.desk import Desk
from tests.factories.financing import Quote, quoted, signed
from tests.payments.money_back.test_disputes import decide, dispute
from tests.payments.money_back.test_refund import BEA, order, tasks, work_events
from tests.payments.test_financed import balances, installment_invoices, loan_of, paid_off


def bound(desk: Desk) -> tuple[Quote, Loan, Payment]:
    """A loan whose down payment was made by card."""
    quote = quoted(desk)
    loan = signed(desk, quote)
    return quote, loan, submit(desk.till, desk.order(loan.down_invoice_id))


def open_cents(desk: Desk, loan: Loan) -> int:
    with desk.till.reading() as session:
        return sum(quote_payoff(session, loan.id, desk.till.today()).open_cents.values())


def test_a_payoff_that_is_disputed_is_as_if_it_had_never_been_and_one_that_is_won_ends_the_loan_again(
    desk: Desk,
) -> None:
    quote, loan, _ = bound(desk)
    with desk.till.writing() as session:
        book_interest(session, quote.offer.schedule.installments[0].due_date, desk.clock())
    before, owed = balances(desk), open_cents(desk, loan)
    found, payment = paid_off(desk, loan, 40)
    about = dispute(desk, payment)
    apply_dispute(desk.till, about)
    assert loan_of(desk, quote).state == "bound"
    assert open_cents(desk, loan) == owed
    after = balances(desk)
    for account in "loan_receivable", "unearned_interest", "interest_income":
        assert after[account] == before[account], account
    desk.assert_sound()
    with desk.till.reading() as session:
        again = quote_payoff(session, loan.id, desk.till.today())
    assert again == found
    decide(desk, about, "won")
    apply_dispute(desk.till, about)
    assert loan_of(desk, quote).state == "paid_off"
    assert not {"loan_receivable", "unearned_interest"} & set(balances(desk))
    desk.assert_sound()


def test_a_loan_that_was_paid_off_twice_has_two_payoffs_in_the_books(desk: Desk) -> None:
    quote, loan, _ = bound(desk)
    found, payment = paid_off(desk, loan, 40)
    parts = {id_: cents - found.saved_cents[id_] for id_, cents in found.open_cents.items()}
    refund(desk.till, order(payment, parts), BEA)
    assert loan_of(desk, quote).state == "bound"
    desk.assert_sound()
    _, second = paid_off(desk, loan, 0)
    assert (second.state, loan_of(desk, quote).state) == ("succeeded", "paid_off")
    with desk.till.reading() as session:
        query = select(func.count()).select_from(JournalEntry).where(JournalEntry.kind == "loan_paid_off")
        assert session.scalar(query) == 2
    desk.assert_sound()


def test_interest_is_earned_by_the_calendar_again_after_a_payoff_came_back(desk: Desk) -> None:
    quote, loan, _ = bound(desk)
    _, payment = paid_off(desk, loan, 1)
    dispute(desk, payment)
    work_events(desk)
    last = quote.offer.schedule.installments[-1].due_date
    with desk.till.writing() as session:
        assert book_interest(session, last, desk.clock()) == 9
        assert set(session.scalars(select(LoanInstallment.interest_booked_on))) == {last}
    assert balances(desk)["interest_income"] == -quote.offer.schedule.finance_charge_cents
    desk.assert_sound()


def test_the_last_installment_that_goes_back_opens_the_loan_again(desk: Desk) -> None:
    quote, loan, _ = bound(desk)
    payment = submit(desk.till, desk.order(*installment_invoices(desk, loan)))
    assert loan_of(desk, quote).state == "paid_off"
    about = dispute(desk, payment)
    work_events(desk)
    assert loan_of(desk, quote).state == "bound"
    decide(desk, about, "won")
    work_events(desk)
    assert loan_of(desk, quote).state == "paid_off"
    desk.assert_sound()


def test_a_down_payment_that_goes_back_leaves_the_loan_bound_and_calls_staff(desk: Desk) -> None:
    quote, loan, payment = bound(desk)
    about = dispute(desk, payment)
    work_events(desk)
    assert loan_of(desk, quote).state == "bound"
    assert "payment.down_payment_returned" in tasks(desk)
    assert desk.invoice_state(loan.down_invoice_id) == ("open", loan.down_payment_cents)
    desk.assert_sound()
    decide(desk, about, "won")
    work_events(desk)
    assert desk.invoice_state(loan.down_invoice_id) == ("paid", 0)
    desk.assert_sound()


def received(desk: Desk, loan: Loan, cents: int, method: str) -> Payment:
    """Staff record what came in for the down payment."""
    payer = Payer("insured", "Ana", "ana@bakery.example", "en_US")
    reviewed = {loan.down_invoice_id: loan.down_payment_cents}
    made = Received(f"form-{cents}", method, "1042", desk.till.today(), cents, reviewed, payer)  # type: ignore[arg-type]
    with desk.till.writing() as session:
        return record_offline(session, made, desk.agency.time_zone, BEA, desk.clock())


def test_a_down_payment_by_a_check_that_bounces(desk: Desk) -> None:
    quote = quoted(desk)
    loan = signed(desk, quote)
    payment = received(desk, loan, loan.down_payment_cents, "check")
    assert loan_of(desk, quote).state == "bound"
    with desk.till.writing() as session:
        bounce_check(session, payment.id, desk.till.today(), BEA, desk.clock())
    assert loan_of(desk, quote).state == "bound"
    assert "payment.down_payment_returned" in tasks(desk)
    assert desk.broken_rules() == []


def test_credit_that_pays_a_down_payment_binds(desk: Desk) -> None:
    quote = quoted(desk)
    loan = signed(desk, quote)
    half = loan.down_payment_cents // 2
    received(desk, loan, half, "wire")
    assert loan_of(desk, quote).state == "signed"
    with desk.till.writing() as session:
        insured_id = session.get_one(Invoice, loan.down_invoice_id).insured_id
        today = desk.till.today()
        enter_credit(
            session, "test", "1", loan.down_payment_cents, today, desk.clock(), owner=CreditOwner(insured_id=insured_id)
        )
        left = loan.down_payment_cents - half
        apply_credit(
            session,
            CreditOwner(insured_id=insured_id),
            "use",
            {loan.down_invoice_id: left},
            left,
            today,
            BEA,
            desk.clock(),
        )
    assert loan_of(desk, quote).state == "bound"


def test_credit_and_checks_do_not_pay_what_the_loan_will_pay(desk: Desk) -> None:
    """It lends the whole of it: what had come before would be owed twice, or its down payment could not be booked."""
    quote = quoted(desk)
    loan = signed(desk, quote)
    today, at = desk.till.today(), desk.clock()
    with desk.till.writing() as session:
        financed = session.get_one(Invoice, loan.financed_invoice_id)
        owner, cents = CreditOwner(insured_id=financed.insured_id), financed.open_cents
        enter_credit(session, "charge", "1", cents, today, at, owner=owner)
    with desk.till.reading() as session:
        assert [each.id for each in credit_page(session, owner).invoices] == [loan.down_invoice_id]
    with pytest.raises(NotFound), desk.till.writing() as session:
        apply_credit(session, owner, "use", {financed.id: cents}, cents, today, BEA, at)
    wire = Received("wire", "wire", "W-1", today, cents, {financed.id: cents}, Payer("insured", "Maria", "", "en_US"))
    with pytest.raises(ReviewChanged), desk.till.writing() as session:
        record_offline(session, wire, desk.agency.time_zone, BEA, at)
    assert submit(desk.till, desk.order(loan.down_invoice_id)).state == "succeeded"
    assert loan_of(desk, quote).state == "bound"
    assert desk.invoice_state(financed.id) == ("paid", 0)
