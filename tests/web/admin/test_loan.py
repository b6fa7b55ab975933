"""Staff and a program's loan: what is offered or why not, terms of its own, the signature, the lender's money."""

from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update

from portal.agencies.models import Agency
from portal.core.audit import SYSTEM, AuditEntry
from portal.core.files import StoredFile
from portal.financing.models import LendingTerms, Loan
from portal.financing.terms import TermsDraft, set_terms
from portal.insureds.models import Insured
from portal.payments.submit import submit
from portal.sandbox.stripe.server import Running
from tests.factories.desk import Desk, open_desk
from tests.factories.financing import LENDING, Quote, quoted, signed
from tests.factories.staff import staff_visitor
from tests.web.admin.test_lending import TERMS
from tests.web.visitor import Visitor, words


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


@pytest.fixture
def agency(desk: Desk) -> Agency:
    with desk.till.writing() as session:
        lender = ("Empire Premium Funding", "1 Wall St")
        draft = TermsDraft(True, LENDING.down_payment_rate, LENDING.note_rate, LENDING.plans, "actuarial", *lender)
        set_terms(session, draft, None, SYSTEM, desk.clock())
    return desk.agency


@pytest.fixture
def quote(desk: Desk, agency: Agency) -> Quote:
    return quoted(desk)


@pytest.fixture
def accountant(app: Flask, quote: Quote, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "accountant")


def at(quote: Quote, loan: Loan | None = None, more: str = "") -> str:
    program = f"/admin/programs/{quote.program_id}"
    return f"{program}/loans/{loan.id}{more}" if loan else f"{program}{more}"


def actions(desk: Desk) -> list[str]:
    with desk.till.reading() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_the_program_says_what_is_offered_or_why_not(desk: Desk, accountant: Visitor, quote: Quote) -> None:
    page = words(accountant.get(at(quote)))
    assert "The insured can choose: 9 monthly" in page
    assert "Signs for the business: Maria Lopez" in page
    assert "The agency’s terms: 12.9% interest, 30% down." in page
    with desk.till.writing() as session:
        session.execute(update(Insured).values(contact_first_name="", state="TX"))
    page = words(accountant.get(at(quote)))
    assert "Nothing is offered: The business has no contact with a first and a last name yet" in page
    assert "The rule of TX about premium finance is not verified." in page
    assert accountant.post(at(quote, more="/signer"), first_name="", last_name="Lopez").status_code == 422
    accountant.post(at(quote, more="/signer"), first_name="Mia", last_name="Lopez")
    page = words(accountant.get(at(quote)))
    assert "Signs for the business: Mia Lopez" in page
    assert "no contact" not in page


def test_a_program_has_terms_of_its_own_and_goes_back(desk: Desk, accountant: Visitor, quote: Quote) -> None:
    address = at(quote, more="/financing")
    assert 'value="12.9"' in accountant.get(address).text
    wrong = accountant.post(address, **(TERMS | {"note_rate": "50", "down_payment": "41"}))
    assert wrong.status_code == 422
    assert 'value="41"' in wrong.text
    assert accountant.post(address, **(TERMS | {"note_rate": "10", "plans": "6x1"})).status_code == 303
    page = words(accountant.get(at(quote)))
    assert "Terms of this program’s own: 10% interest, 25% down." in page
    assert "The insured can choose: 6 monthly" in page
    accountant.post(f"{address}/agency-terms", address)
    assert "The agency’s terms: 12.9% interest, 30% down." in words(accountant.get(at(quote)))
    assert actions(desk)[-2:] == ["lending.set", "lending.removed"]
    with desk.till.reading() as session:
        assert [row.program_id for row in session.scalars(select(LendingTerms))] == [None]


def test_the_signature_is_shown_and_the_pdf_is_proved(desk: Desk, accountant: Visitor, quote: Quote) -> None:
    loan = signed(desk, quote)
    page = words(accountant.get(at(quote, loan)))
    for part in ("Maria Lopez", "ana@bakery.example", "192.0.2.7", "ab" * 32, loan.signed_hash, "Upcoming"):
        assert part in page
    assert "It is the one that was signed" in page
    pdf = accountant.get(at(quote, loan, "/agreement.pdf"))
    assert (pdf.mimetype, sha256(pdf.data).hexdigest()) == ("application/pdf", loan.signed_hash)
    assert loan.number in words(accountant.get(at(quote)))
    with desk.till.writing() as session:
        session.execute(update(StoredFile).values(data=b"%PDF forged"))
    page = words(accountant.get(at(quote, loan)))
    assert "This is not the agreement that was signed" in page
    assert "Download" not in page


def test_the_lenders_money_is_recorded_once(desk: Desk, accountant: Visitor, quote: Quote) -> None:
    loan = signed(desk, quote)
    assert "owes nothing before the down payment" in words(accountant.get(at(quote, loan)))
    address, today = at(quote, loan, "/funding"), desk.till.today().isoformat()
    money = {"funded_on": today, "amount": "8,000.00", "reference": "WIRE 77"}
    early = accountant.post(address, **money)
    assert (early.status_code, "The down payment has not come yet" in words(early)) == (422, True)
    submit(desk.till, desk.order(loan.down_invoice_id))
    wrong = accountant.post(address, **(money | {"amount": "much"}))
    assert wrong.status_code == 422
    assert 'value="WIRE 77"' in wrong.text
    missing = loan.amount_financed_cents - 8_000_00
    confirm = words(accountant.post(address, **money))
    assert "Record $8,000.00 from Empire Premium Funding?" in confirm
    assert f"It is ${missing / 100:,.2f} less than the amount financed." in confirm
    assert "loan.funded" not in actions(desk)
    assert accountant.post(address, **money, sure="y").status_code == 303
    again = accountant.post(address, **money, sure="y")
    assert (again.status_code, "recorded already" in words(again)) == (422, True)
    page = words(accountant.get(at(quote, loan)))
    assert "Amount $8,000.00 Reference WIRE 77" in page
    assert "Record the lender" not in page
    assert actions(desk).count("loan.funded") == 1
    desk.assert_sound()


def test_staff_withdraw_before_the_down_payment_only(desk: Desk, accountant: Visitor, quote: Quote) -> None:
    loan = signed(desk, quote)
    address = at(quote, loan, "/withdraw")
    assert "billed in full again" in words(accountant.get(address))
    assert accountant.post(address).location.endswith(at(quote))
    page = words(accountant.get(at(quote)))
    assert f"Withdrawn: {loan.number}" in page
    assert "The insured can choose: 9 monthly" in page
    desk.assert_sound()
    desk.clock.pass_(seconds=1)
    again = signed(desk, quote)
    submit(desk.till, desk.order(again.down_invoice_id))
    assert accountant.post(at(quote, again, "/withdraw")).status_code == 409
    desk.assert_sound()


def test_support_sees_and_changes_nothing(app: Flask, desk: Desk, agency: Agency, quote: Quote) -> None:
    loan = signed(desk, quote)
    support = staff_visitor(app, agency, "support")
    assert support.get(at(quote, loan)).status_code == 200
    assert support.get(at(quote, loan, "/agreement.pdf")).status_code == 200
    for more in ("/funding", "/withdraw"):
        assert support.get(at(quote, loan, more)).status_code == 403
    for more in ("/financing", "/signer"):
        assert support.get(at(quote, more=more)).status_code == 403
