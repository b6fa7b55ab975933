"""A third party with policy number and ZIP, and a financed program: what it sees of the loan, and what it can pay."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal.financing.models import Loan
from portal.payments.submit import submit
from portal.programs.models import Policy
from tests.factories.desk import Desk
from tests.factories.financing import Quote, quoted, signed
from tests.payments.test_financed import installment_invoices
from tests.web.paying.test_flow import pay, review, sealed
from tests.web.visitor import Visitor, words

HIDDEN = ["Maria", "Bakery", "ana@", "12 Main St", "Empire Premium", "agreement", "Pay off", "payoff", "Balance", "APR"]
"""What is nobody's business but the insured's."""


@pytest.fixture
def quote(desk: Desk) -> Quote:
    """A program of Maria's bakery, billed in full."""
    return quoted(desk)


@pytest.fixture
def guest(app: Flask, desk: Desk, quote: Quote) -> Visitor:
    """Looked up by policy number and ZIP."""
    with desk.till.reading() as session:
        number = session.scalars(select(Policy.policy_number).where(Policy.coverage_code == "CGL")).one()
    visitor = Visitor(app, desk.agency, ip="198.51.100.9")
    found = visitor.post("/pay-a-policy", policy_number=number, zip="12207")
    assert found.location == f"/harbor/guest/program/{quote.program_id}"
    return visitor


def seen(guest: Visitor, quote: Quote) -> str:
    """The program as the guest sees it, with nothing that is hidden from guests."""
    page = guest.get(f"/guest/program/{quote.program_id}")
    assert page.status_code == 200
    assert [word for word in HIDDEN if word in page.text] == []
    return words(page)


def bound(desk: Desk, quote: Quote) -> tuple[Loan, list[int]]:
    """Signed and bound: the loan, and the invoices of its installments."""
    loan = signed(desk, quote)
    assert submit(desk.till, desk.order(loan.down_invoice_id)).state == "succeeded"
    return loan, installment_invoices(desk, loan)


def money(cents: int) -> str:
    return f"${cents / 100:,.2f}"


def test_before_the_signature_there_is_payment_in_full_only(guest: Visitor, quote: Quote) -> None:
    shown = seen(guest, quote)
    assert "Payment in full" in shown
    assert "nstallment" not in shown
    assert "Down payment" not in shown


def test_once_signed_the_down_payment_is_what_a_guest_pays(guest: Visitor, desk: Desk, quote: Quote) -> None:
    loan = signed(desk, quote)
    shown = seen(guest, quote)
    assert "Down payment" in shown
    assert money(loan.down_payment_cents) in shown
    assert "Payment in full" not in shown
    assert money(loan.amount_financed_cents) not in shown


def test_a_guest_pays_an_installment_and_the_next_is_offered(guest: Visitor, desk: Desk, quote: Quote) -> None:
    loan, ones = bound(desk, quote)
    page = guest.get(f"/guest/program/{quote.program_id}").text
    assert page.count(" checked") == 1
    assert f'value="{ones[0]}" checked' in page
    assert "M••••• B••••• L•••••" in seen(guest, quote)
    before = desk.charged_cents()
    reviewed = review(guest, desk, "/guest/pay", ones[0], payer_name="Cleo Counts", payer_email="cleo@books.example")
    assert "Installment 1 of 9" in words(reviewed)
    done = pay(guest, "/guest/pay", sealed(reviewed))
    assert done.status_code == 303
    assert desk.charged_cents() - before == quote.offer.schedule.installments[0].payment_cents
    assert desk.invoice_state(ones[0]) == ("paid", 0)
    page = guest.get(f"/guest/program/{quote.program_id}").text
    assert f'value="{ones[0]}"' not in page
    assert f'value="{ones[1]}" checked' in page
    result = guest.get(done.location.removeprefix("/harbor"))
    assert [word for word in HIDDEN if word in result.text] == []
    assert loan.number not in result.text
    desk.assert_sound()


def test_a_later_installment_is_paid_ahead(guest: Visitor, desk: Desk, quote: Quote) -> None:
    _loan, ones = bound(desk, quote)
    payer = {"payer_name": "Cleo Counts", "payer_email": "cleo@books.example"}
    assert pay(guest, "/guest/pay", sealed(review(guest, desk, "/guest/pay", ones[8], **payer))).status_code == 303
    assert [desk.invoice_state(one)[0] for one in (ones[0], ones[8])] == ["open", "paid"]
    desk.assert_sound()


def test_a_guest_neither_signs_nor_withdraws_nor_ends_a_loan_nor_reads_it(
    guest: Visitor, desk: Desk, quote: Quote
) -> None:
    checkout = f"/programs/{quote.program_id}/checkout"
    for path in ("", "/details", "/options", "/agreement?plan=9x1", "/agreement.pdf"):
        assert guest.get(checkout + path).status_code == 302, path
    page = f"/guest/program/{quote.program_id}"
    signing = guest.post(f"{checkout}/agreement", page, draft="x", consent="y", typed_name="Cleo Counts")
    assert "/sign-in" in signing.location
    loan, _ones = bound(desk, quote)
    assert "/sign-in" in guest.post(f"/programs/{quote.program_id}/loan/withdraw", page).location
    assert guest.get(f"/programs/{quote.program_id}/loan/{loan.id}/agreement.pdf").status_code == 302
    assert guest.get(f"/programs/{quote.program_id}/due-dates.ics").status_code == 302
    assert guest.get(f"/pay?payoff={loan.id}").status_code == 302
    with desk.till.reading() as session:
        assert session.get_one(Loan, loan.id).state == "bound"
    ended = guest.get(f"/guest/pay?payoff={loan.id}")
    assert "Pay off" not in ended.text
    assert money(quote.offer.schedule.amount_financed_cents) not in ended.text
