"""A financed program from its signature to the last installment: invoices, the loan, and the books."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from portal.core.audit import SYSTEM
from portal.core.errors import Conflict, IllegalMove
from portal.financing.loans import book_interest
from portal.financing.models import Loan, LoanInstallment
from portal.financing.payoffs import PayoffQuote, quote_payoff
from portal.invoices.models import Invoice
from portal.ledger.models import JournalLine
from portal.payments.claims import ReviewChanged
from portal.payments.models import Payment
from portal.payments.payable import payable_invoices
from portal.payments.submit import submit
from portal.servicing.sign import withdraw
from tests.factories.desk import Desk
from tests.factories.financing import LENDING, Quote, quoted, signed


def balances(desk: Desk) -> dict[str, int]:
    """Every account that is not at zero: debit positive."""
    with desk.till.reading() as session:
        rows = session.execute(
            select(JournalLine.account, func.sum(JournalLine.debit_cents - JournalLine.credit_cents)).group_by(
                JournalLine.account
            )
        )
        return {account: int(cents) for account, cents in rows if cents}


def invoices(desk: Desk, quote: Quote) -> dict[str, tuple[str, int]]:
    """The program's invoices that are not void: kind -> state and open cents, installments apart."""
    with desk.till.reading() as session:
        rows = session.execute(
            select(Invoice.kind, Invoice.state, Invoice.open_cents).where(
                Invoice.program_id == quote.program_id, Invoice.state != "void", Invoice.kind != "installment"
            )
        )
        return {kind: (state, cents) for kind, state, cents in rows}


def loan_of(desk: Desk, quote: Quote) -> Loan:
    with desk.till.reading() as session:
        return session.scalars(select(Loan).where(Loan.program_id == quote.program_id)).one()


def installment_invoices(desk: Desk, loan: Loan) -> list[int]:
    with desk.till.reading() as session:
        query = select(LoanInstallment.invoice_id).where(LoanInstallment.loan_id == loan.id)
        return [invoice_id for invoice_id in session.scalars(query.order_by(LoanInstallment.number)) if invoice_id]


def payable(desk: Desk, quote: Quote) -> list[tuple[str, int]]:
    with desk.till.reading() as session:
        found = payable_invoices(session, Invoice.program_id == quote.program_id)
        return [(invoice.kind, invoice.open_cents) for invoice in found]


def test_signing_bills_the_down_payment_and_keeps_the_rest_for_the_loan(desk: Desk) -> None:
    quote = quoted(desk)
    before = balances(desk)
    schedule = quote.offer.schedule
    loan = signed(desk, quote)
    assert (loan.state, loan.amount_financed_cents) == ("signed", schedule.amount_financed_cents)
    assert invoices(desk, quote) == {
        "down_payment": ("open", schedule.down_payment_cents),
        "financed": ("open", schedule.amount_financed_cents),
    }
    assert payable(desk, quote) == [("down_payment", schedule.down_payment_cents)]
    assert balances(desk) == before
    desk.assert_sound()


def test_the_down_payment_binds_the_loan(desk: Desk) -> None:
    quote = quoted(desk)
    schedule = quote.offer.schedule
    loan = signed(desk, quote)
    payment = submit(desk.till, desk.order(loan.down_invoice_id))
    assert payment.state == "succeeded"
    assert loan_of(desk, quote).state == "bound"
    assert invoices(desk, quote) == {"down_payment": ("paid", 0), "financed": ("paid", 0)}
    assert payable(desk, quote) == [("installment", one.payment_cents) for one in schedule.installments]
    books = balances(desk)
    assert books["loan_receivable"] == schedule.total_of_payments_cents
    assert books["unearned_interest"] == -schedule.finance_charge_cents
    assert "receivable" not in books
    # The lender pays the rest: all premium and tax is owed to the carriers and the state at once.
    assert "premium_billed" not in books
    assert "tax_billed" not in books
    assert books["premium_payable"] + books["tax_payable"] + books["commission_income"] == -(
        8_000_00 + 4_123_45 + 484_93
    )
    desk.assert_sound()


def test_a_declined_down_payment_leaves_the_loan_unbound(desk: Desk) -> None:
    quote = quoted(desk)
    loan = signed(desk, quote)
    assert submit(desk.till, desk.order(loan.down_invoice_id, card="pm_card_visa_chargeDeclined")).state == "failed"
    assert loan_of(desk, quote).state == "signed"
    assert submit(desk.till, desk.order(loan.down_invoice_id)).state == "succeeded"
    assert loan_of(desk, quote).state == "bound"
    desk.assert_sound()


def test_the_last_installment_ends_the_loan_and_all_interest_is_earned(desk: Desk) -> None:
    quote = quoted(desk)
    loan = signed(desk, quote)
    submit(desk.till, desk.order(loan.down_invoice_id))
    first, *others = installment_invoices(desk, loan)
    submit(desk.till, desk.order(first))
    assert loan_of(desk, quote).state == "bound"
    last = submit(desk.till, desk.order(*others))
    assert (last.state, last.decline_code) == ("succeeded", None)
    assert loan_of(desk, quote).state == "paid_off"
    assert "loan_receivable" not in balances(desk)
    desk.assert_sound()


def test_a_loan_without_interest_earns_none_and_holds_up_no_other(desk: Desk) -> None:
    quote = quoted(desk, lending=replace(LENDING, note_rate=Decimal(0)))
    submit(desk.till, desk.order(signed(desk, quote).down_invoice_id))
    last = quote.offer.schedule.installments[-1].due_date
    for due in 9, 0:
        with desk.till.writing() as session:
            assert book_interest(session, last, desk.clock()) == due
    assert "interest_income" not in balances(desk)
    desk.assert_sound()


def test_interest_is_earned_when_its_period_is_over_and_once(desk: Desk) -> None:
    quote = quoted(desk)
    loan = signed(desk, quote)
    submit(desk.till, desk.order(loan.down_invoice_id))
    two = quote.offer.schedule.installments[1].due_date
    for day, due in ((two - timedelta(days=1), 1), (two, 1), (two, 0)):
        with desk.till.writing() as session:
            assert book_interest(session, day, desk.clock()) == due
    earned = sum(one.interest_cents for one in quote.offer.schedule.installments[:2])
    assert balances(desk)["interest_income"] == -earned
    desk.assert_sound()


def test_withdrawn_it_is_billed_in_full_again(desk: Desk) -> None:
    quote = quoted(desk)
    before = balances(desk)
    loan = signed(desk, quote)
    with desk.till.writing() as session:
        withdraw(session, loan.id, SYSTEM, desk.till.today(), desk.clock())
    schedule = quote.offer.schedule
    total = schedule.down_payment_cents + schedule.amount_financed_cents
    assert invoices(desk, quote) == {"pay_in_full": ("open", total)}
    assert balances(desk) == before
    assert signed(desk, quote).state == "signed"
    desk.assert_sound()


def test_what_is_bound_or_under_way_is_not_withdrawn(desk: Desk) -> None:
    quote = quoted(desk)
    loan = signed(desk, quote)
    desk.fault("payment_intents.confirm", "error_before")
    submit(desk.till, desk.order(loan.down_invoice_id))
    with desk.till.writing() as session, pytest.raises(Conflict, match="under way"):
        withdraw(session, loan.id, SYSTEM, desk.till.today(), desk.clock())


def test_it_is_not_signed_twice_nor_after_a_change_nor_once_something_is_paid(desk: Desk) -> None:
    quote = quoted(desk)
    cheaper = replace(quote.offer, schedule=replace(quote.offer.schedule, down_payment_cents=1))
    with pytest.raises(Conflict, match="have changed"):
        signed(desk, replace(quote, offer=cheaper))
    loan = signed(desk, quote)
    with pytest.raises(Conflict, match="signed already"):
        signed(desk, quote)
    submit(desk.till, desk.order(loan.down_invoice_id))
    with pytest.raises(Conflict, match="signed already"):
        signed(desk, quote)
    with desk.till.writing() as session, pytest.raises(IllegalMove):
        withdraw(session, loan.id, SYSTEM, desk.till.today(), desk.clock())


def test_what_is_paid_in_full_is_not_financed(desk: Desk) -> None:
    quote = quoted(desk)
    submit(desk.till, desk.order(quote.invoice_id))
    with pytest.raises(Conflict, match="Something was paid"):
        signed(desk, quote)


def test_a_stamp_tax_comes_with_the_down_payment(desk: Desk) -> None:
    quote = quoted(desk)
    loan = signed(desk, quote, stamp_tax_cents=31_85)
    assert payable(desk, quote) == [("down_payment", quote.offer.schedule.down_payment_cents + 31_85)]
    submit(desk.till, desk.order(loan.down_invoice_id))
    assert loan_of(desk, quote).state == "bound"
    desk.assert_sound()


def paid_off(desk: Desk, loan: Loan, after_days: int) -> tuple[PayoffQuote, Payment]:
    """The borrower pays a loan off some days after it began."""
    desk.clock.pass_(days=after_days)
    with desk.till.reading() as session:
        quote = quote_payoff(session, loan.id, desk.till.today())
    order = desk.order(*quote.open_cents)
    parts = {invoice_id: cents - quote.saved_cents[invoice_id] for invoice_id, cents in quote.open_cents.items()}
    return quote, submit(desk.till, replace(order, parts=parts, payoff_loan_id=loan.id))


def test_a_payoff_ends_the_loan_and_saves_interest(desk: Desk) -> None:
    quote = quoted(desk)
    loan = signed(desk, quote)
    submit(desk.till, desk.order(loan.down_invoice_id))
    submit(desk.till, desk.order(installment_invoices(desk, loan)[0]))
    found, payment = paid_off(desk, loan, 40)
    assert payment.state == "succeeded"
    assert payment.charged_cents == found.payoff_cents
    assert found.total_saved_cents > 0
    assert loan_of(desk, quote).state == "paid_off"
    assert payable(desk, quote) == []
    books = balances(desk)
    earned = quote.offer.schedule.finance_charge_cents - found.total_saved_cents
    assert books["interest_income"] == -earned
    assert not {"loan_receivable", "unearned_interest", "receivable"} & set(books)
    desk.assert_sound()


def test_a_payoff_gives_back_interest_of_installments_paid_ahead(desk: Desk) -> None:
    quote = quoted(desk)
    loan = signed(desk, quote)
    submit(desk.till, desk.order(loan.down_invoice_id))
    ones = installment_invoices(desk, loan)
    submit(desk.till, desk.order(ones[7], ones[8]))
    found, payment = paid_off(desk, loan, 0)
    schedule = quote.offer.schedule
    ahead = sum(one.payment_cents for one in schedule.installments[7:])
    assert found.total_saved_cents == schedule.finance_charge_cents
    assert payment.charged_cents == schedule.amount_financed_cents - ahead
    assert loan_of(desk, quote).state == "paid_off"
    assert not {"loan_receivable", "unearned_interest", "receivable", "interest_income"} & set(balances(desk))
    desk.assert_sound()


def test_a_payoff_that_misses_an_installment_is_reviewed_again(desk: Desk) -> None:
    quote = quoted(desk)
    loan = signed(desk, quote)
    submit(desk.till, desk.order(loan.down_invoice_id))
    _, *others = installment_invoices(desk, loan)
    with pytest.raises(ReviewChanged):
        submit(desk.till, replace(desk.order(*others), payoff_loan_id=loan.id))
    assert desk.charged_cents() == loan.down_payment_cents


def test_a_declined_payoff_changes_nothing(desk: Desk) -> None:
    quote = quoted(desk)
    loan = signed(desk, quote)
    submit(desk.till, desk.order(loan.down_invoice_id))
    ones = installment_invoices(desk, loan)
    order = replace(desk.order(*ones, card="pm_card_visa_chargeDeclined"), payoff_loan_id=loan.id)
    assert submit(desk.till, order).state == "failed"
    assert loan_of(desk, quote).state == "bound"
    desk.assert_sound()
