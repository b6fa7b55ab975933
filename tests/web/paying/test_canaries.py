"""What a third party never reads on a page, on paper or in a mail: anything personal of the insured."""

import io
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from portal.insureds.models import InsuredEmail
from portal.integrations.mail_page import MailPages
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.invoices.models import Invoice
from portal.jobs import payment_mails
from portal.notices.message import Message
from portal.payments.models import Payment
from portal.programs.guest_keys import reindex
from portal.programs.links import issue_link
from tests.factories.desk import Desk
from tests.factories.payments import make_payment
from tests.factories.people import key_of, make_insured, make_invoice, make_policy, make_program
from tests.web.paying.test_flow import pay, review, sealed
from tests.web.visitor import Visitor, services_of, words

NUMBER, ZIP = "XQ1ZW7-CANARYPOLICY-7788", "78704-4321"
PERSONAL = {
    "name": "Canaryname Holdings",
    "reference": "INS-CANARYREF",
    "contact_first_name": "Canaryfirst",
    "contact_last_name": "Canarylast",
    "phone": "828-555-0177",
    "address_line1": "77 Canarystreet",
    "address_line2": "Suite Canarysuite",
    "city": "Canarytown",
    "state": "VT",
    "postal_code": ZIP,
}
PROGRAM = {
    "reference": "PRG-CANARYPROG",
    "name": "Canaryprogram of Canaryname",
    "producer": "Canaryproducer",
    "account_manager": "Canarymanager",
    "contact_email": "canarycontact@bills.example",
}
CANARIES = ["canary", "828-555-0177", "5550177", "78704", "4321", "77 Ca", "XQ1ZW7", "$7,654.32", "7,654", "$4,321.00"]
WHO = {"payer_name": "Cleo Counts", "payer_email": "cleo@books.example"}


@dataclass
class Bakery:
    """A program with an open invoice, beside one that is paid, and another program with something open."""

    program_id: int
    invoice_id: int
    link: str


@pytest.fixture
def bakery(desk: Desk) -> Bakery:
    with desk.till.writing() as session:
        insured = make_insured(session, "canaryemail@insured.example", **PERSONAL)
        program = make_program(session, insured, **PROGRAM)
        today = desk.till.today()
        term = {"effective_date": today - timedelta(days=30), "expiration_date": today + timedelta(days=335)}
        policy = make_policy(session, program, NUMBER, wholesaler="Canarywholesale", **term)
        lines = [LineDraft("premium", "Canaryline: Premium", 41_250, 5_000, policy.id)]
        draft = InvoiceDraft(insured.id, "endorsement", lines, today, today + timedelta(days=10), program.id)
        invoice_id = issue_invoice(session, draft, desk.clock()).id
        make_invoice(session, insured, program, total_cents=765_432, open_cents=0, state="paid")
        other = make_program(session, insured, name="Canaryother", due_date=date(2027, 1, 1))
        make_policy(session, other, "CANARYOTHER-1", **term)
        make_invoice(session, insured, other, total_cents=432_100)
        reindex(session, key_of(desk.agency), [program.id, other.id])
        return Bakery(program.id, invoice_id, issue_link(session, desk.clock(), program_id=program.id).token)


def papers(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def said(app: Flask, message: Message) -> str:
    """Everything that leaves with a mail: address line, subject, both parts, file names, the words of the PDF."""
    loader = app.jinja_env.loader
    assert loader is not None
    seen = MailPages(loader).render(message)
    files = [file.filename + papers(file.data) for file in message.attachments]
    return "\n".join([message.recipient.name, message.recipient.address, seen.subject, seen.html, seen.text, *files])


def tweets(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary.lower() in text.lower()]


@pytest.mark.parametrize("door", ["guest", "link"])
def test_no_page_paper_or_mail_of_a_third_party_sings(
    app: Flask, stranger: Visitor, desk: Desk, bakery: Bakery, door: str
) -> None:
    base, seen = f"/pay/{bakery.link}", []
    if door == "guest":
        stranger.post("/pay-a-policy", policy_number=NUMBER, zip=ZIP)
        seen += [stranger.get(f"/guest/program/{bakery.program_id}"), stranger.get("/guest/programs")]
        base = "/guest/pay"
    invoice = bakery.invoice_id
    declined = review(stranger, desk, base, invoice, card="pm_card_visa_chargeDeclined", **WHO)
    reviewed = review(stranger, desk, base, invoice, **WHO)
    seen += [stranger.get(base), review(stranger, desk, base, invoice, payer_name=""), declined, reviewed]
    seen.append(pay(stranger, base, sealed(declined)))
    url_for, renderer = partial(services_of(app).links.url, desk.agency), services_of(app).renderer
    with desk.till.reading() as session:
        payment = session.scalars(select(Payment)).one()
        mails = [payment_mails.failed_message(session, desk.agency, payment.id, url_for)]
    paid = pay(stranger, base, sealed(reviewed))
    done = paid.location.removeprefix(f"/{desk.agency.slug}")
    seen += [paid, stranger.get(done), stranger.get(base)]
    for page in seen:
        assert tweets(page.text) == [], words(page)
        assert tweets(str(page.headers)) == []
    assert "C••••• H•••••" in words(stranger.get(done))
    receipt = stranger.get(f"{done}/receipt.pdf")
    assert tweets(papers(receipt.data) + str(receipt.headers)) == []
    with desk.till.reading() as session:
        payment = session.scalars(select(Payment).where(Payment.state == "succeeded")).one()
        mails.append(payment_mails.receipt_message(session, desk.agency, payment.id, url_for, renderer))
    for mail in mails:
        assert mail is not None
        assert mail.recipient.address == WHO["payer_email"]
        assert tweets(said(app, mail)) == []


def test_the_insured_reads_who_paid_and_what_and_nothing_of_others(app: Flask, desk: Desk, bakery: Bakery) -> None:
    with desk.till.writing() as session:
        mine = session.get_one(Invoice, bakery.invoice_id)
        other = make_invoice(session, make_insured(session, "bo@other.example", name="Bo Other"), total_cents=9_999)
        payment = make_payment(
            session, mine, other, payer_kind="guest", payer_name="Cleo", payer_email="cleo@books.example"
        )
        email_id = session.scalars(select(InsuredEmail.id).where(InsuredEmail.email.startswith("canary"))).one()
        url_for = partial(services_of(app).links.url, desk.agency)
        told = payment_mails.paid_for_message(session, desk.agency, payment.id, email_id, url_for)
    assert told is not None
    text = said(app, told)
    assert "Cleo" in text
    assert mine.number in text
    for secret in ("Bo Other", other.number, "99.99", "cleo@books.example", "4242"):
        assert secret not in text
