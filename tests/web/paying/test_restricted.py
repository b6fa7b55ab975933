"""A program that is paid in one way only: said before one chooses, refused at the review, and again at the claim."""

import re

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from portal.invoices.models import Invoice
from portal.payments.autopay.enrolling import MethodUnusable
from portal.payments.bulk import charge_many
from portal.payments.claims import MethodNotTaken
from portal.payments.submit import submit
from portal.programs.models import Program
from tests.factories.desk import Desk
from tests.payments.autopay.street import open_street
from tests.payments.methods.keeping import keep as keep_card
from tests.payments.test_bulk import keep, orders
from tests.web.paying.test_flow import pay, review, sealed
from tests.web.visitor import Visitor, words

BANK = "pm_usBankAccount_processing"


def restrict(desk: Desk, invoice_id: int, kind: str) -> None:
    """Staff let the program of an invoice be paid in one way only."""
    with desk.till.writing() as session:
        program_id = session.scalars(select(Invoice.program_id).where(Invoice.id == invoice_id)).one()
        session.execute(
            update(Program)
            .where(Program.id == program_id)
            .values(restricted_to=kind)
            .execution_options(synchronize_session=False)
        )


def seen(page: TestResponse) -> str:
    """What is not hidden of the sentences about how to pay."""
    said = re.findall(r'<p class="[^"]*" data-when="[^"]*">(.*?)</p>', page.text, re.DOTALL)
    return " ".join(re.sub(r"<svg.*?</svg>|\s+", " ", each, flags=re.DOTALL).strip() for each in said)


def test_by_card_only(ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice(in_program=True)
    restrict(desk, invoice, "card")
    page = ana.get("/pay")
    assert 'data-kinds="card"' in page.text
    assert "by card only" in words(page)
    answer = review(ana, desk, "/pay", invoice, card=BANK)
    assert answer.status_code == 422
    assert "This is paid by card only. You have not been charged." in words(answer)
    assert pay(ana, "/pay", sealed(review(ana, desk, "/pay", invoice))).status_code == 303
    assert desk.invoice_state(invoice) == ("paid", 0)
    desk.assert_sound()


def test_from_a_bank_account_only(ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice(in_program=True)
    restrict(desk, invoice, "us_bank_account")
    page = ana.get("/pay")
    assert 'data-kinds="us_bank_account"' in page.text
    assert "From a bank account. No fee. It takes 3 to 5 business days." in words(page)
    answer = review(ana, desk, "/pay", invoice)
    assert answer.status_code == 422
    assert "This is paid from a bank account only." in words(answer)


def test_staff_restrict_it_while_somebody_reads_the_review(ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice(in_program=True)
    agreed = sealed(review(ana, desk, "/pay", invoice))
    restrict(desk, invoice, "us_bank_account")
    answer = pay(ana, "/pay", agreed)
    assert answer.status_code == 422
    assert "This cannot be paid that way. You have not been charged." in words(answer)
    assert desk.claims(invoice) == []
    assert desk.charged_cents() == 0


def test_what_excludes_each_other_is_paid_one_after_the_other(ana: Visitor, desk: Desk) -> None:
    one, other = desk.invoice(in_program=True), desk.invoice(in_program=True)
    restrict(desk, one, "card")
    restrict(desk, other, "us_bank_account")
    page = ana.get("/pay")
    assert 'data-kinds="card us_bank_account"' in page.text
    apart = "One of these is paid by card only, one by bank only. Pay one, then the other."
    assert apart in seen(page)
    assert apart not in seen(ana.get(f"/pay?invoice={one}"))
    assert "By card. No fee. It counts as paid at once." in seen(ana.get(f"/pay?invoice={one}"))
    with pytest.raises(MethodNotTaken):
        submit(desk.till, desk.order(one, other))
    assert desk.claims(one) == desk.claims(other) == []


def test_nothing_is_charged_in_bulk_that_way(desk: Desk) -> None:
    free, restricted = desk.invoice(in_program=True), desk.invoice(in_program=True)
    restrict(desk, restricted, "us_bank_account")
    charge_many(desk.till, orders(keep(desk), free, restricted))
    assert desk.invoice_state(free)[0] == "paid"
    assert desk.invoice_state(restricted)[0] == "open"
    desk.assert_sound()


def test_autopay_takes_no_card_where_only_a_bank_account_pays(desk: Desk) -> None:
    street = open_street(desk)
    restrict(desk, street.invoices[0], "us_bank_account")
    with pytest.raises(MethodUnusable):
        street.on(keep_card(desk))
