"""Each loan's interest is earned as its periods end, by the agency's calendar, once."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select

from portal.core.tenancy import reading
from portal.jobs.book_interest import book_interest
from portal.jobs.context import JobContext
from portal.ledger.models import JournalLine
from portal.payments.submit import submit
from portal.sandbox.stripe.server import Running
from tests.factories.desk import open_desk
from tests.factories.financing import quoted, signed
from tests.payments.test_financed import balances, installment_invoices, loan_of


def test_interest_is_booked_on_its_due_date_and_once(jobs: JobContext, stripe_sandbox: Running) -> None:
    desk = open_desk(jobs.engine, stripe_sandbox)
    quote = quoted(desk)
    submit(desk.till, desk.order(signed(desk, quote).down_invoice_id))
    context = replace(jobs, now=desk.clock)
    first, second, *_ = quote.offer.schedule.installments
    earned = []
    for day in (first.due_date - timedelta(days=1), first.due_date, first.due_date, second.due_date):
        desk.clock.pass_(days=(day - desk.till.today()).days)
        book_interest(context)
        with reading(desk.till.engine, desk.agency.id) as session:
            total = func.coalesce(func.sum(JournalLine.credit_cents), 0)
            earned.append(session.scalar(select(total).where(JournalLine.account == "interest_income")))
    assert earned == [0, first.interest_cents, first.interest_cents, first.interest_cents + second.interest_cents]
    desk.assert_sound()


def test_interest_that_was_paid_ahead_is_earned_on_its_day_though_the_loan_is_over(
    jobs: JobContext, stripe_sandbox: Running
) -> None:
    desk = open_desk(jobs.engine, stripe_sandbox)
    quote = quoted(desk)
    loan = signed(desk, quote)
    submit(desk.till, desk.order(loan.down_invoice_id))
    for invoice_id in installment_invoices(desk, loan):
        submit(desk.till, desk.order(invoice_id))
    desk.clock.pass_(days=366)
    book_interest(replace(jobs, now=desk.clock))
    assert loan_of(desk, quote).state == "paid_off"
    assert balances(desk)["interest_income"] == -quote.offer.schedule.finance_charge_cents
    assert "unearned_interest" not in balances(desk)
    desk.assert_sound()
