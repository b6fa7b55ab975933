"""Accountants refund: what follows is said before, and seen after by staff and payer. Credit is used and paid out."""

import io
import re
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from portal.cli.verify_ledger import ALL
from portal.core.invariants import check
from portal.documents.filled import invoice_document, receipt_document
from portal.integrations.pdf import PdfRenderer
from portal.payments.models import Payment
from portal.payments.money_back.apply_refund import apply_refund
from portal.payments.money_back.models import Refund
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.factories.people import key_of
from tests.factories.staff import staff_visitor
from tests.sandbox.stripe.paying import control
from tests.web.paying.conftest import app, desk
from tests.web.visitor import Visitor, words

__all__ = ["app", "desk"]
CENTS = 41_250
ROOT = Path(__file__).parents[3]


@pytest.fixture
def payment(desk: Desk) -> Payment:
    """$412.50 by card, by Ana."""
    return submit(desk.till, desk.order(desk.invoice(in_program=True)))


@pytest.fixture
def accountant(app: Flask, desk: Desk) -> Visitor:
    return staff_visitor(app, desk.agency, "accountant")


def give_back(visitor: Visitor, payment: Payment, **fields: str) -> object:
    """The form, the page that says what follows, and its button."""
    address = f"/admin/payments/{payment.id}/refund"
    confirm = visitor.post(address, address, **({"reason": "requested", "request_key": "one"} | fields))
    assert confirm.status_code == 200, words(confirm)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', confirm.text))
    visitor.send(address, **hidden)
    return confirm


def test_what_follows_is_said_before_and_seen_after(
    app: Flask, desk: Desk, accountant: Visitor, payment: Payment
) -> None:
    page = f"/admin/payments/{payment.id}"
    assert "Nothing has gone back of this payment." in words(accountant.get(page))
    confirm = give_back(accountant, payment, part_1="100.00", note="Called on Monday")
    assert "$100.00 of invoice INV-" in words(confirm)
    assert "A mail with the credit note goes to ana@bakery.example." in words(confirm)
    seen = words(accountant.get(page))
    assert "The refund is done." in seen
    assert "The customer asked for it · Visa ••4242 Called on Monday" in seen
    assert "$312.50 of it still paid" in seen
    with desk.till.reading() as session:
        made = session.scalars(select(Refund)).one()
        assert check(session, ALL) == []
    assert (made.state, made.total_cents) == ("succeeded", 10_000)
    ana = words(Visitor(app, desk.agency).get(f"/payments/{payment.token}"))
    assert f"Refund {made.reference}" in ana
    assert "Called on Monday" not in ana
    note = Visitor(app, desk.agency).get(f"/payments/{payment.token}/credit-note.pdf?reference={made.reference}")
    assert note.data.startswith(b"%PDF")
    assert "Partly refunded" in words(staff_visitor_as_ana(app, desk))


def staff_visitor_as_ana(app: Flask, desk: Desk) -> object:
    ana = Visitor(app, desk.agency)
    ana.sign_in("ana@bakery.example")
    return ana.get("/programs/1")


def test_a_double_press_refunds_once_and_too_much_is_refused(desk: Desk, accountant: Visitor, payment: Payment) -> None:
    address = f"/admin/payments/{payment.id}/refund"
    for fields, said in (
        ({"part_1": "412.51"}, "That is more than can be refunded"),
        ({"part_1": "0"}, "Enter an amount of more than nothing."),
        ({"part_1": "much"}, "is not an amount"),
        ({"part_1": "1", "reason": ""}, "Choose a reason."),
    ):
        answer = accountant.post(address, address, **({"reason": "requested", "request_key": "one"} | fields))
        assert answer.status_code == 422
        assert said in words(answer)
    for _ in range(2):
        give_back(accountant, payment, part_1="200.00")
    with desk.till.reading() as session:
        assert session.scalars(select(Refund.total_cents)).all() == [20_000]


def test_support_sees_and_does_not_refund(app: Flask, desk: Desk, payment: Payment) -> None:
    support = staff_visitor(app, desk.agency, "support")
    assert "An accountant or admin of your agency can refund it." in words(support.get(f"/admin/payments/{payment.id}"))
    assert support.get(f"/admin/payments/{payment.id}/refund").status_code == 403


def test_what_went_back_is_on_the_receipt_and_the_invoice(desk: Desk, accountant: Visitor, payment: Payment) -> None:
    give_back(accountant, payment, part_1="100.00")
    with desk.till.reading() as session:
        made = session.scalars(select(Refund)).one()
        receipt = receipt_document(session, desk.agency, payment, is_masked=False)
        today = desk.till.today()
        invoice = invoice_document(session, desk.agency, key_of(desk.agency), 1, "", today, locale="en_US")
    for paper in receipt, invoice:
        assert [(line.reference, line.amount_cents, str(line.state)) for line in paper.refunds] == [
            (made.reference, 10_000, "Refunded")
        ]
    assert (receipt.state, receipt.balance_cents) == ("partly_refunded", 0)
    assert (invoice.paid_cents, invoice.open_cents) == (CENTS - 10_000, 10_000)
    renderer = PdfRenderer(ROOT / "templates" / "documents")
    for paper in receipt, invoice:
        said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(renderer.render(paper))).pages)
        assert "Refunds" in said and made.reference in said


def test_a_refund_that_came_back_is_credit_that_pays_an_invoice_and_is_paid_out(
    app: Flask, desk: Desk, accountant: Visitor, payment: Payment
) -> None:
    give_back(accountant, payment, part_1="412.50")
    with desk.till.reading() as session:
        made = session.scalars(select(Refund)).one()
    control(desk.sandbox, f"refunds/{made.refund_id}/fail")
    apply_refund(desk.till, made.id)
    assert "Riverside Bakery LLC" in words(accountant.get("/admin/credits"))
    page = "/admin/insureds/1/credit"
    assert "A refund came back" in words(accountant.get(page))
    ana = Visitor(app, desk.agency)
    ana.sign_in("ana@bakery.example")
    for place in "/", "/programs/1", "/pay?invoice=1":
        assert "You have a credit of $412.50" in words(ana.get(place)), place
    assert "It is not used by itself. Ask us before you pay." in words(ana.get("/pay?invoice=1"))
    table = words(ana.get("/programs/1"))
    assert "Refund came back The bank did not take it. It is your credit." in table
    assert "Refunded" not in table
    staff_page = accountant.get("/admin/programs/1")
    assert "Refund came back" in words(staff_page)
    assert f'href="/{desk.agency.slug}/admin/payments/{payment.id}/refund"' in staff_page.text, "its credit can go back"
    assert "Refund came back" in words(accountant.get(f"/admin/payments/{payment.id}"))
    accountant.post(f"{page}/apply", page, invoice="1", amount="400.00", request_key="one")
    assert desk.invoice_state(1) == ("open", 1_250)
    accountant.post(f"{page}/pay-out", page, amount="12.50", reference="Check 77", request_key="two")
    seen = words(accountant.get(page))
    assert "Used for an invoice" in seen
    assert "Check 77" in seen
    assert "You have a credit" not in words(ana.get("/"))
    with desk.till.reading() as session:
        assert check(session, ALL) == []
