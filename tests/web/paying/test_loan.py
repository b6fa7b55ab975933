"""A financed program in its insured's hands: installments one by one, several, in advance, and the payoff."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.core.clock import local_date
from portal.core.outbox import OutboxRow
from portal.financing.models import Loan
from portal.financing.payoffs import PayoffQuote, installments_of, quote_payoff
from portal.insureds.models import Insured
from portal.integrations.catalogs import compiled_catalogs
from portal.jobs.loan_mail import LOAN_BOUND, bound_message
from portal.payments.apply import apply
from portal.payments.models import LoanPayoff, Payment
from portal.payments.submit import submit
from portal.programs.models import PaymentLink
from tests.factories.desk import Desk
from tests.factories.financing import Quote, quoted, signed
from tests.factories.mail import pages
from tests.payments.test_financed import installment_invoices, loan_of
from tests.sandbox.stripe.paying import token
from tests.web.paying.test_flow import pay, review, sealed
from tests.web.visitor import Visitor, words

TRANSLATIONS = Path(__file__).parents[3] / "portal" / "translations"


@pytest.fixture
def quote(desk: Desk) -> Quote:
    """Ana's bakery, quoted before she has signed in."""
    return quoted(desk)


@pytest.fixture
def loan(desk: Desk, quote: Quote) -> Loan:
    """Signed, not paid."""
    return signed(desk, quote)


def bound(desk: Desk, loan: Loan) -> list[int]:
    """The down payment has come: the invoices of the installments."""
    assert submit(desk.till, desk.order(loan.down_invoice_id)).state == "succeeded"
    return installment_invoices(desk, loan)


def payoff_today(desk: Desk, loan: Loan) -> PayoffQuote:
    with desk.till.reading() as session:
        return quote_payoff(session, loan.id, local_date(desk.clock(), desk.agency.time_zone))


def review_payoff(ana: Visitor, desk: Desk, loan: Loan, card: str = "pm_card_visa", **more: object) -> TestResponse:
    page = f"/pay?payoff={loan.id}"
    fields = {"confirmation_token": token(desk.processor, card), "invoice": list(payoff_today(desk, loan).open_cents)}
    return ana.post(f"/pay/review?payoff={loan.id}", page, **fields, **more)


def pay_off(ana: Visitor, loan: Loan, reviewed: TestResponse, **more: str) -> TestResponse:
    page = f"/pay?payoff={loan.id}"
    return ana.post(f"/pay/submit?payoff={loan.id}", page, agreed=sealed(reviewed), **more)


def loan_state(desk: Desk, loan: Loan) -> str:
    with desk.till.reading() as session:
        return session.get_one(Loan, loan.id).state


def money(cents: int) -> str:
    return f"${cents / 100:,.2f}"


def test_signed_it_asks_for_the_down_payment_and_lets_choose_again(
    ana: Visitor, desk: Desk, quote: Quote, loan: Loan
) -> None:
    shown = words(ana.get(f"/programs/{quote.program_id}"))
    for part in ("Down payment due", money(loan.down_payment_cents), "Signed agreement", "Choose another way to pay"):
        assert part in shown
    assert loan.signed_hash in shown
    assert "Financed balance" not in shown


def test_bound_it_shows_what_is_paid_what_is_next_and_what_ends_it(
    ana: Visitor, desk: Desk, quote: Quote, loan: Loan
) -> None:
    bound(desk, loan)
    shown = words(ana.get(f"/programs/{quote.program_id}"))
    found, schedule = payoff_today(desk, loan), quote.offer.schedule
    for part in (
        "Active",
        "Installment 1 of 9",
        "Installment 9 of 9",
        f"$0.00 of {money(schedule.total_of_payments_cents)} paid off",
        money(found.payoff_cents),
        f"Pay off – you save {money(found.total_saved_cents)}",
        f"Pay {money(schedule.installments[0].payment_cents)}",
        "Balance over time",
        "Empire Premium Funding",
        "12.90%",
    ):
        assert part in shown, part
    assert "Choose another way" not in shown


def test_the_next_several_and_future_installments_are_paid(ana: Visitor, desk: Desk, loan: Loan) -> None:
    ones = bound(desk, loan)
    page = ana.get("/pay").text
    assert page.count(" checked") == 1  # the next one; the others can be ticked
    for chosen in ([ones[0]], [ones[7]], [ones[1], ones[2]]):
        fields = {"confirmation_token": token(desk.processor, "pm_card_visa"), "invoice": chosen}
        reviewed = ana.post("/pay/review", "/pay", **fields)
        assert f"Installment {ones.index(chosen[0]) + 1} of 9" in words(reviewed)
        assert pay(ana, "/pay", sealed(reviewed)).status_code == 303
    states = [desk.invoice_state(one)[0] for one in ones]
    assert states == ["paid", "paid", "paid", "open", "open", "open", "open", "paid", "open"]
    desk.assert_sound()


def test_a_payoff_shows_what_is_saved_and_ends_the_loan(ana: Visitor, desk: Desk, quote: Quote, loan: Loan) -> None:
    ones = bound(desk, loan)
    found = payoff_today(desk, loan)
    page = words(ana.get(f"/pay?payoff={loan.id}"))
    assert f"Review payment of {money(found.payoff_cents)}" in page
    reviewed = review_payoff(ana, desk, loan)
    assert f"Interest saved: {money(found.total_saved_cents)}" in words(reviewed)
    assert f"Pay {money(found.payoff_cents)}" in words(reviewed)
    before = desk.charged_cents()
    assert pay_off(ana, loan, reviewed).status_code == 303
    assert desk.charged_cents() - before == found.payoff_cents
    assert loan_of(desk, quote).state == "paid_off"
    assert {desk.invoice_state(one) for one in ones} == {("paid", 0)}
    shown = words(ana.get(f"/programs/{quote.program_id}"))
    assert "Your loan is paid off." in shown
    assert f"You saved {money(found.total_saved_cents)} of interest." in shown
    assert "Pay off –" not in shown
    desk.assert_sound()


def test_a_payoff_that_costs_another_amount_by_now_is_reviewed_again(ana: Visitor, desk: Desk, loan: Loan) -> None:
    ones = bound(desk, loan)
    before = desk.charged_cents()
    reviewed = review_payoff(ana, desk, loan)
    paid = desk.charged_cents()
    submit(desk.till, desk.order(ones[3]))
    answer = pay_off(ana, loan, reviewed)
    assert answer.status_code == 422
    assert "The amount has changed since you looked. You have not been charged." in words(answer)
    assert (before, loan_state(desk, loan)) == (paid, "bound")
    desk.assert_sound()


def test_a_payoff_by_bank_debit_holds_what_was_quoted(ana: Visitor, desk: Desk, quote: Quote, loan: Loan) -> None:
    bound(desk, loan)
    found = payoff_today(desk, loan)
    reviewed = review_payoff(ana, desk, loan, card="pm_usBankAccount_success")
    assert "Authorization of a bank debit" in words(reviewed)
    answer = pay_off(ana, loan, reviewed, agrees="y")
    assert answer.status_code == 303, words(answer)
    assert loan_state(desk, loan) == "bound"
    shown = words(ana.get(f"/programs/{quote.program_id}"))
    assert "Pay off –" not in shown
    assert "Nothing is open" not in words(ana.get(f"/pay?payoff={loan.id}"))
    desk.wait(timedelta(days=4))
    with desk.till.reading() as session:
        payment_id = session.scalars(select(LoanPayoff.payment_id)).one()
    assert apply(desk.till, payment_id).charged_cents == found.payoff_cents
    assert loan_state(desk, loan) == "paid_off"
    desk.assert_sound()


def test_a_down_payment_by_a_bank_debit_that_fails_does_not_bind(
    ana: Visitor, desk: Desk, quote: Quote, loan: Loan
) -> None:
    method = "pm_usBankAccount_insufficientFunds"
    reviewed = review(ana, desk, "/pay", loan.down_invoice_id, card=method)
    sealed_review = sealed(reviewed)
    ana.post("/pay/submit", "/pay", agreed=sealed_review, agrees="y")
    assert loan_state(desk, loan) == "signed"
    assert "Processing" in words(ana.get(f"/programs/{quote.program_id}"))
    desk.wait(timedelta(days=4))
    with desk.till.reading() as session:
        payment_id = session.scalars(select(Payment.id)).one()
    assert apply(desk.till, payment_id).state == "failed"
    assert loan_state(desk, loan) == "signed"
    assert pay(ana, "/pay", sealed(review(ana, desk, "/pay", loan.down_invoice_id))).status_code == 303
    assert loan_state(desk, loan) == "bound"
    desk.assert_sound()


def test_whoever_has_the_link_pays_the_down_payment_then_installments_and_sees_no_documents(
    stranger: Visitor, desk: Desk, quote: Quote
) -> None:
    with desk.till.reading() as session:
        token_of_link = session.scalars(select(PaymentLink.token)).one()
    path = f"/pay/{token_of_link}"
    assert "Payment in full" in words(stranger.get(path))
    loan = signed(desk, quote)
    shown = words(stranger.get(path))
    assert "Down payment" in shown
    assert "Payment in full" not in shown
    bound(desk, loan)
    page = stranger.get(path)
    assert "Installment 9 of 9" in words(page)
    assert page.text.count(" checked") == 1
    for hidden in ("agreement", "Balance", "Pay off", loan.number):
        assert hidden not in page.text
    assert stranger.get(f"/programs/{quote.program_id}/loan/{loan.id}/agreement.pdf").status_code == 302
    assert stranger.get(f"/programs/{quote.program_id}/due-dates.ics").status_code == 302


def test_due_dates_for_a_calendar(ana: Visitor, desk: Desk, quote: Quote, loan: Loan) -> None:
    bound(desk, loan)
    file = ana.get(f"/programs/{quote.program_id}/due-dates.ics")
    assert file.mimetype == "text/calendar"
    first = quote.offer.schedule.installments[0]
    assert file.text.count("BEGIN:VEVENT") == 9
    assert f"DTSTART;VALUE=DATE:{first.due_date:%Y%m%d}\r\n" in file.text
    assert "SUMMARY:Installment 1 of 9: " in file.text
    assert max(len(line) for line in file.data.split(b"\r\n")) <= 75


def test_nobody_pays_off_the_loan_of_others(stranger: Visitor, ana: Visitor, desk: Desk, loan: Loan) -> None:
    bound(desk, loan)
    assert ana.get(f"/pay?payoff={loan.id + 1}").status_code == 404
    assert stranger.get(f"/pay?payoff={loan.id}").status_code == 302


@pytest.mark.parametrize(("locale", "told"), [("en_US", "Installment 9 of 9, due"), ("es_US", "Cuota 9 de 9, vence")])
def test_whoever_signed_gets_the_agreement_and_the_due_dates(
    desk: Desk, loan: Loan, locale: str, told: str, tmp_path: Path
) -> None:
    bound(desk, loan)
    with desk.till.writing() as session:
        session.scalars(select(Insured)).one().locale = locale
    with desk.till.reading() as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.kind == LOAN_BOUND)).one()
        mail = bound_message(session, desk.agency, row.payload["loan_id"], lambda *_, **__: "https://portal.example/")
    assert mail.recipient.address == "ana@bakery.example"
    assert [(each.filename, each.data) for each in mail.attachments] == [
        (f"agreement-{loan.number}.pdf", b"%PDF signed")
    ]
    seen = pages(compiled_catalogs(TRANSLATIONS, tmp_path)).render(mail)
    with desk.till.reading() as session:
        first, *_ = installments_of(session, loan.id)
    assert money(first.payment_cents) in seen.subject
    for part in (told, loan.number, "Empire Premium Funding", "https://portal.example/"):
        assert part in seen.text
    assert told.split(",")[0] in seen.html
