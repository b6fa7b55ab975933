"""Staff cancel for non-payment and offer to reinstate; the insured reads it, pays, and is covered again."""

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from portal.core.audit import SYSTEM
from portal.core.outbox import OutboxRow
from portal.financing.late.models import Reinstatement
from portal.financing.late.terms import LateTerms, set_late_terms
from portal.financing.models import Loan
from portal.jobs.coverage_mails import coverage_message, fan_out
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import LOAN_RECEIVABLE, UNEARNED_INTEREST
from portal.payments.submit import submit
from portal.programs.links import issue_link
from portal.servicing.late.notices import make_notice
from portal.servicing.late.reinstate import lapse_reinstatements
from tests.factories.desk import Desk
from tests.factories.late import Financed, financed, paper_of, wait_until
from tests.factories.mail import pages
from tests.factories.staff import staff_visitor
from tests.web.paying.conftest import app, desk
from tests.web.visitor import Visitor, set_clock, words

__all__ = ["app", "desk"]


@pytest.fixture
def loan(app: Flask, desk: Desk) -> Financed:
    """A loan whose first installment is past due, with a notice whose days are over."""
    made = financed(desk)
    wait_until(desk, made.due_dates[0] + timedelta(days=10))
    with desk.till.writing() as session:
        set_late_terms(session, LateTerms(notices="send", reinstatement_fee_cents=50_00), SYSTEM, desk.clock())
        assert make_notice(session, made.program_id, paper_of(desk), desk.till.today(), desk.clock())
    wait_until(desk, made.due_dates[0] + timedelta(days=21))
    set_clock(app, desk.clock())
    return made


def mail_of(desk: Desk, news: str) -> object:
    with desk.till.writing() as session:
        for offer in session.scalars(select(Reinstatement)):
            if offer.closed_for == "paid":
                fan_out(session, offer.id, desk.clock())
    with desk.till.reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.coverage_news")).all()
        [row] = [row for row in rows if row.payload["news"] == news]
        about = news, int(row.payload["ref"]), row.payload["email_id"]
        return coverage_message(session, desk.agency, *about, lambda endpoint, **_: f"https://x/{endpoint}")


def assert_lender_is_told(accountant: Visitor, desk: Desk, made: Financed) -> None:
    """Staff are asked to; the notice says what the books have written off, and is the same each time."""
    assert "The lender is to be told of a cancelation" in words(accountant.get("/admin/attention"))
    with desk.till.reading() as session:
        loan = session.scalars(select(Loan).where(Loan.program_id == made.program_id)).one()
        entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "loan_canceled")).one()
        lines = session.scalars(select(JournalLine).where(JournalLine.entry_id == entry.id)).all()
    off = sum(line.credit_cents for line in lines if line.account == LOAN_RECEIVABLE)
    unearned = sum(line.debit_cents for line in lines if line.account == UNEARNED_INTEREST)
    page = f"/admin/programs/{made.program_id}/loans/{loan.id}"
    assert "Download the notice of cancelation" in words(accountant.get(page))
    paper = accountant.get(f"{page}/notice.pdf")
    assert paper.headers["Content-Disposition"] == f'attachment; filename="cancelation-{loan.number}.pdf"'
    said = " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(paper.data)).pages).split())
    for expected in (loan.number, loan.lender_name, "Maria's Bakery LLC", f"${(off - unearned) / 100:,.2f}"):
        assert expected in said
    assert paper.data == accountant.get(f"{page}/notice.pdf").data


def test_canceled_and_reinstated_through_the_pages(app: Flask, desk: Desk, loan: Financed) -> None:
    accountant = staff_visitor(app, desk.agency, "accountant")
    page = f"/admin/programs/{loan.program_id}"
    ask = f"{page}/notices/1/cancel"
    assert "Cancel for non-payment" in words(accountant.get(page))
    assert "The program is canceled as of today" in words(accountant.get(ask))
    assert accountant.post(ask).location == f"/harbor{page}"
    assert "Canceled for non-payment on" in words(accountant.get(page))
    assert "is closed already" in words(accountant.post(ask))
    assert_lender_is_told(accountant, desk, loan)
    with desk.till.writing() as session:
        token = issue_link(session, desk.clock(), program_id=loan.program_id).token
    link, ana = Visitor(app, desk.agency), Visitor(app, desk.agency)
    gone = link.get(f"/pay/{token}")
    assert (gone.status_code, "This insurance was canceled. There is nothing to pay here." in words(gone)) == (
        410,
        True,
    )
    ana.sign_in("ana@bakery.example")
    assert "This was canceled on" in words(ana.get(f"/programs/{loan.program_id}"))
    seen = pages().render(mail_of(desk, "canceled"))  # type: ignore[arg-type]
    assert seen.subject.startswith("Your insurance was canceled on ")

    total = loan.quote.offer.schedule.installments[0].payment_cents + 50_00
    offer = f"{page}/reinstate"
    assert f"To pay ${total / 100:,.2f}" in words(accountant.get(offer))
    assert accountant.post(offer).location == f"/harbor{page}"
    assert "is offered already" in words(accountant.post(offer))
    assert "Reinstatement due" in words(accountant.get(page))
    assert f"Pay ${total / 100:,.2f}" in words(ana.get("/"))
    assert "and your coverage comes back" in words(ana.get(f"/programs/{loan.program_id}"))
    assert "Reinstatement" in words(link.get(f"/pay/{token}"))
    assert pages().render(mail_of(desk, "reinstatement")).subject.endswith("and your coverage comes back")  # type: ignore[arg-type]
    with desk.till.reading() as session:
        invoice_id = session.scalars(select(Reinstatement.invoice_id)).one()
    submit(desk.till, desk.order(invoice_id))
    assert "Active" in words(accountant.get(page))
    assert "You are covered." in words(ana.get(f"/programs/{loan.program_id}"))
    assert "in force again" in pages().render(mail_of(desk, "reinstated")).subject  # type: ignore[arg-type]


def test_an_offer_is_taken_back_and_a_lapsed_link_says_so(app: Flask, desk: Desk, loan: Financed) -> None:
    accountant = staff_visitor(app, desk.agency, "accountant")
    page = f"/admin/programs/{loan.program_id}"
    accountant.post(f"{page}/notices/1/cancel")
    accountant.post(f"{page}/reinstate")
    back = f"{page}/reinstate/withdraw"
    assert "stays canceled" in words(accountant.get(back))
    assert accountant.post(back).location == f"/harbor{page}"
    assert "cannot be taken back" in words(accountant.post(back))
    accountant.post(f"{page}/reinstate")
    with desk.till.writing() as session:
        token = issue_link(session, desk.clock(), program_id=loan.program_id).token
        lapse_reinstatements(session, desk.till.today() + timedelta(days=31), desk.clock())
    gone = Visitor(app, desk.agency).get(f"/pay/{token}")
    assert (gone.status_code, "The time to pay for a reinstatement is over." in words(gone)) == (410, True)


def test_producers_neither_cancel_nor_reinstate(app: Flask, desk: Desk, loan: Financed) -> None:
    producer = staff_visitor(app, desk.agency, "producer")
    page = f"/admin/programs/{loan.program_id}"
    assert "Cancel for non-payment" not in words(producer.get(page))
    for address in (f"{page}/notices/1/cancel", f"{page}/reinstate", f"{page}/reinstate/withdraw"):
        assert producer.get(address).status_code == 403
