"""Accountants record checks: what follows is said before, and seen after by staff and insured. The books hold."""

import re
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.cli.job_handlers import open_mailer
from portal.cli.mail_jobs import MailJobs, Make
from portal.cli.verify_ledger import ALL
from portal.core.invariants import check
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, writing
from portal.insureds.models import Insured
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.invoices.models import Invoice
from portal.jobs.context import OutboxItem
from portal.notices.message import Message
from portal.payments.models import Payment
from portal.programs.links import issue_link
from portal.programs.models import Program
from portal.settings import Settings
from tests.factories.people import make_agency, make_insured, make_payment_under_way, make_program
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, services_of, set_clock, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
DAY = date(2026, 7, 10)


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


@pytest.fixture
def bakery(app: Flask, agency: Agency) -> Program:
    """A program with one invoice of $400.00."""
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        program = make_program(session, insured)
        lines = [LineDraft("premium", "Premium", 390_00, 50_00), LineDraft("policy_fee", "Fee", 10_00)]
        issue_invoice(session, InvoiceDraft(insured.id, "pay_in_full", lines, DAY, DAY, program_id=program.id), AT)
    return program


@pytest.fixture
def accountant(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "accountant")


def enter(accountant: Visitor, program: Program, amount: str, seen: str = "", **more: str) -> object:
    address = f"/admin/programs/{program.id}/offline-payment"
    fields = {"method": "check", "reference": "1042", "received_on": "2026-07-14", "amount": amount, "invoice": "1"}
    return accountant.post(address, address, **(fields | {"request_key": "one", "seen": seen} | more))


def receipt_text(visitor: Visitor, token: str) -> str:
    """What the receipt says, as the payer gets it."""
    answer = visitor.get(f"/payments/{token}/receipt.pdf")
    assert answer.mimetype == "application/pdf"
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(answer.data)).pages)


def message(app: Flask, settings: Settings, kind: str) -> Message | None:
    """What the job would send now for the first row of a kind."""
    parts, mailer = services_of(app), open_mailer(settings)
    jobs = MailJobs(parts.engine, parts.directory, parts.links, mailer, parts.renderer, parts.secret, parts.now)
    make: Make = jobs.handlers()[kind].args[0]  # type: ignore[attr-defined]
    agency = parts.directory.by_slug("harbor")
    assert agency is not None
    with reading(parts.engine, agency.id) as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.kind == kind).order_by(OutboxRow.id)).first()
        assert row is not None
        return make(session, agency, OutboxItem(agency.id, row.id, row.kind, row.dedupe_key, row.payload, 1))


def assert_books_hold(app: Flask, agency: Agency) -> None:
    with reading(engine_of(app), agency.id) as session:
        assert check(session, ALL) == []


@pytest.mark.parametrize(
    ("amount", "said", "open_cents"),
    [
        ("150.00", "$150.00 go to invoice INV-2026-00001; $250.00 stay open.", 250_00),
        ("400", "$400.00 go to invoice INV-2026-00001; it is paid.", 0),
        ("$450.00", "$50.00 are left over: they become the customer's credit.", 0),
    ],
)
def test_what_follows_is_said_before_it_is_recorded(
    app: Flask, accountant: Visitor, bakery: Program, amount: str, said: str, open_cents: int
) -> None:
    confirm = enter(accountant, bakery, amount)
    with reading(engine_of(app), bakery.agency_id) as session:
        number = session.scalars(select(Invoice.number)).one()
        assert session.scalars(select(Payment)).all() == []
    assert said.replace("INV-2026-00001", number) in words(confirm)
    assert "A receipt goes to ana@bakery.example." in words(confirm)
    for _ in range(2):  # a double click
        enter(accountant, bakery, amount, seen="1:40000")
    with reading(engine_of(app), bakery.agency_id) as session:
        assert session.scalars(select(Invoice.open_cents)).one() == open_cents
        assert len(session.scalars(select(Payment)).all()) == 1
    assert_books_hold(app, accountant.agency)


def test_the_credit_alone_goes_back_where_that_is_asked_for(app: Flask, accountant: Visitor, bakery: Program) -> None:
    enter(accountant, bakery, "450.00", seen="1:40000")
    with reading(engine_of(app), bakery.agency_id) as session:
        insured_id = session.scalars(select(Program.insured_id)).one()
    credit = accountant.get(f"/admin/insureds/{insured_id}/credit")
    (link,) = re.findall(r'href="/harbor(/admin/payments/\d+/refund\?of=credit)"', credit.text)
    fields = {"part_1": "400.00", "credit": "0.00"}, {"part_1": "0.00", "credit": "50.00"}
    for address, expected in zip((link.partition("?")[0], link), fields, strict=True):
        shown = accountant.get(address).text
        assert dict(re.findall(r'name="(part_1|credit)"[^>]*value="([^"]*)"', shown)) == expected


def test_a_check_bounces_and_everyone_sees_it(app: Flask, accountant: Visitor, bakery: Program) -> None:
    enter(accountant, bakery, "400.00", seen="1:40000")
    page = f"/admin/programs/{bakery.id}"
    assert "Check 1042" in words(accountant.get(page))
    assert "Check received, clearing It cleared It bounced" in words(accountant.get(page))
    ana = Visitor(app, accountant.agency)
    ana.sign_in("ana@bakery.example")
    program = words(ana.get(f"/programs/{bakery.id}"))
    assert "Check 1042" in program
    assert "Check received, clearing" in program
    with reading(engine_of(app), bakery.agency_id) as session:
        token = session.scalars(select(Payment.token)).one()
    assert "Check received, clearing It counts as paid." in words(ana.get("/invoices/1"))
    assert "We received your check of $400.00" in words(ana.get(f"/payments/{token}"))
    assert "CHECK RECEIVED" in receipt_text(ana, token)
    outcome = f"{page}/check"
    warned = words(accountant.get(f"{outcome}?payment=1&outcome=bounced"))
    assert "The $400.00 it had paid are open again" in warned
    assert accountant.post(outcome, page, payment="1", outcome="bounced").location == f"/harbor{page}"
    seen = words(accountant.get(page))
    assert "Returned" in seen
    assert "clearing" not in seen
    assert accountant.post(outcome, page, payment="1", outcome="cleared").status_code == 409
    assert "A check bounced" in words(accountant.get("/admin/attention"))
    assert "Returned" in words(ana.get(f"/programs/{bakery.id}"))
    status = words(ana.get(f"/payments/{token}"))
    assert "Your payment was returned" in status
    assert "It came back on Jul 15, 2026." in status
    assert "RETURNED" in receipt_text(ana, token)
    assert "The bank did not pay this check." in receipt_text(ana, token)
    stranger = Visitor(app, make_agency(engine_of(app), "juniper"))
    assert stranger.get(f"/payments/{token}/receipt.pdf").status_code == 404
    assert_books_hold(app, accountant.agency)


def test_a_check_clears(app: Flask, accountant: Visitor, bakery: Program) -> None:
    enter(accountant, bakery, "400.00", seen="1:40000")
    page = f"/admin/programs/{bakery.id}"
    accountant.post(f"{page}/check", page, payment="1", outcome="cleared")
    assert "The check has cleared." in words(accountant.get(page))
    assert_books_hold(app, accountant.agency)


def test_what_is_missing_or_held_is_said(app: Flask, accountant: Visitor, bakery: Program) -> None:
    for fields, said in (
        ({"reference": " "}, "Enter the number of the check"),
        ({"amount": "much"}, "is not an amount"),
        ({"amount": "0"}, "Enter an amount of more than nothing."),
        ({"received_on": "2026-08-01"}, "has not come yet"),
    ):
        answer = enter(accountant, bakery, **({"amount": "1.00"} | fields))
        assert answer.status_code == 422  # type: ignore[attr-defined]
        assert said in words(answer)
    with writing(engine_of(app), bakery.agency_id) as session:
        make_payment_under_way(session, session.scalars(select(Invoice)).one())
    assert "A payment for one of these invoices is under way." in words(enter(accountant, bakery, "400.00"))


def test_producers_and_other_agencies_record_nothing(app: Flask, agency: Agency, bakery: Program) -> None:
    juniper = make_agency(engine_of(app), "juniper")
    address = f"/admin/programs/{bakery.id}/offline-payment"
    assert staff_visitor(app, agency, "producer").get(address).status_code == 403
    assert staff_visitor(app, juniper, "accountant").get(address).status_code == 404
    assert staff_visitor(app, juniper, "accountant").get(f"/admin/programs/{bakery.id}/check").status_code == 404


def test_a_payer_who_reads_spanish_reads_spanish(app: Flask, accountant: Visitor, bakery: Program) -> None:
    with writing(engine_of(app), bakery.agency_id) as session:
        session.scalars(select(Insured)).one().locale = "es_US"
    enter(accountant, bakery, "400.00", seen="1:40000")
    ana = Visitor(app, accountant.agency)
    ana.sign_in("ana@bakery.example")
    with reading(engine_of(app), bakery.agency_id) as session:
        token = session.scalars(select(Payment.token)).one()
    assert "Cheque 1042" in receipt_text(ana, token)
    assert "Cheque recibido, en cobro" in words(ana.get(f"/programs/{bakery.id}"))


def test_whose_check_came_back_gets_a_mail_with_what_is_open_and_where_to_pay(
    app: Flask, settings: Settings, accountant: Visitor, bakery: Program
) -> None:
    enter(accountant, bakery, "150.00", seen="1:40000")
    page = f"/admin/programs/{bakery.id}"
    with writing(engine_of(app), bakery.agency_id) as session:
        link = issue_link(session, AT, program_id=bakery.id).token
    receipt = message(app, settings, "mail.payment_receipt")
    assert receipt is not None
    assert receipt.context["receipt"].state == "clearing"  # type: ignore[attr-defined]
    accountant.post(f"{page}/check", page, payment="1", outcome="bounced")
    assert message(app, settings, "mail.payment_receipt") is None
    bounced = message(app, settings, "mail.check_bounced")
    assert bounced is not None
    assert bounced.recipient.address == "ana@bakery.example"
    assert bounced.context["check"].open_cents == 400_00  # type: ignore[attr-defined]
    assert str(bounced.context["pay_url"]).endswith(f"/harbor/pay/{link}?invoice=1")
    enter(accountant, bakery, "400.00", seen="1:40000", request_key="two", method="cash", reference="")
    assert message(app, settings, "mail.check_bounced") is None  # paid meanwhile


def test_a_check_pays_a_one_time_payment_and_bounces(app: Flask, agency: Agency, accountant: Visitor) -> None:
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, "lee@orchard.example")
        draft = InvoiceDraft(
            insured.id, "one_time", [LineDraft("item", "Survey", 250_00)], DAY, DAY, description="Survey"
        )
        asked = issue_invoice(session, draft, AT)
        asked_id = asked.id
    address = f"/admin/one-time/{asked_id}"
    assert f"/harbor{address}/offline-payment" in accountant.get(address).text
    fields = {
        "method": "check",
        "reference": "77",
        "received_on": "2026-07-14",
        "amount": "250",
        "invoice": str(asked_id),
    }
    confirm = accountant.post(f"{address}/offline-payment", f"{address}/offline-payment", **fields)
    assert "$250.00 go to invoice" in words(confirm)
    seen = re.findall(r'name="(seen|request_key)" value="([^"]*)"', confirm.text)
    done = accountant.post(f"{address}/offline-payment", f"{address}/offline-payment", **fields, **dict(seen))
    assert done.location.endswith(address)
    page = accountant.get(address)
    assert "It cleared It bounced" in words(page)
    bounced = re.findall(rf'href="(/harbor{address}/check[^"]*outcome=bounced)"', page.text)[0].replace("&amp;", "&")
    question = accountant.get(bounced.removeprefix("/harbor"))
    assert "The $250.00 it had paid are open again" in words(question)
    payment = re.findall(r'name="payment" value="(\d+)"', question.text)[0]
    accountant.post(f"{address}/check", f"{address}/offline-payment", payment=payment, outcome="bounced")
    with reading(engine_of(app), agency.id) as session:
        assert session.get_one(Invoice, asked_id).open_cents == 250_00
    assert_books_hold(app, agency)


def test_a_check_of_something_else_is_not_ended_there(app: Flask, agency: Agency, bakery: Program) -> None:
    accountant = staff_visitor(app, agency, "accountant")
    with writing(engine_of(app), agency.id) as session:
        draft = InvoiceDraft(bakery.insured_id, "one_time", [LineDraft("item", "Survey", 250_00)], DAY, DAY)
        asked_id = issue_invoice(session, draft, AT).id
    enter(accountant, bakery, "400", seen="1:40000")
    with reading(engine_of(app), agency.id) as session:
        check = session.scalars(select(Payment.id)).one()
    form = f"/admin/one-time/{asked_id}/offline-payment"
    answer = accountant.post(f"/admin/one-time/{asked_id}/check", form, payment=str(check), outcome="bounced")
    assert answer.location.endswith(f"/admin/one-time/{asked_id}")
    with reading(engine_of(app), agency.id) as session:
        assert session.scalars(select(Invoice.open_cents).where(Invoice.id == 1)).one() == 0
