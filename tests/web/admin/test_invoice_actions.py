"""Due date, void, write off and payoff quote through their pages: what follows in dollars, then it is done and told."""

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from portal.core.outbox import OutboxRow
from portal.jobs.program_mails import program_message
from tests.factories.desk import Desk
from tests.factories.late import Financed, financed, wait_until
from tests.factories.mail import pages
from tests.factories.staff import staff_visitor
from tests.servicing.actions.test_invoices import endorse
from tests.web.paying.conftest import app, desk
from tests.web.visitor import Visitor, agree, set_clock, words

__all__ = ["app", "desk"]


@pytest.fixture
def loan(desk: Desk) -> Financed:
    return financed(desk)


@pytest.fixture
def accountant(app: Flask, desk: Desk) -> Visitor:
    return staff_visitor(app, desk.agency, "accountant")


def mail_of(desk: Desk, news: str) -> object:
    """The newest mail with this news, as its first reader gets it."""
    with desk.till.reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.program_news").order_by(OutboxRow.id))
        row = [row for row in rows if row.payload["news"] == news][-1]
        about = news, row.payload["ref"], row.payload["program_id"], row.payload["email_id"]
        made = program_message(session, desk.agency, *about, lambda endpoint, **_: f"https://x/{endpoint}")
        return made and pages().render(made)


def test_a_due_date_is_changed(desk: Desk, accountant: Visitor, loan: Financed) -> None:
    endorse(desk, loan.program_id)
    page = f"/admin/programs/{loan.program_id}"
    path, day = f"{page}/due-date", desk.till.today() + timedelta(days=25)
    assert "Added driver" in words(accountant.get(path))
    late = accountant.post(path, invoice="1", due_date="2020-01-01")
    assert (late.status_code, "Choose a day from today on" in words(late)) == (422, True)
    chosen = {"invoice": str(invoice_of(desk)), "due_date": day.isoformat()}
    assert "$300.00 are due on" in words(accountant.post(path, **chosen))
    assert agree(accountant, path, **chosen).location == f"/harbor{page}"
    assert "Due date changed" in words(accountant.get(page))
    assert mail_of(desk, "due_date").subject.startswith("New due date: $300.00 by")  # type: ignore[attr-defined]


def invoice_of(desk: Desk) -> int:
    from portal.invoices.models import Invoice

    with desk.till.reading() as session:
        return session.scalars(select(Invoice.id).where(Invoice.kind == "endorsement")).one()


def test_an_endorsement_is_voided_once(desk: Desk, accountant: Visitor, loan: Financed) -> None:
    invoice_id = endorse(desk, loan.program_id)
    page = f"/admin/programs/{loan.program_id}"
    asked = accountant.post(f"{page}/void", invoice=str(invoice_id), note="Not taken up")
    assert "$300.00 are not owed any more" in words(asked)
    assert agree(accountant, f"{page}/void", asked).location == f"/harbor{page}"
    assert desk.invoice_state(invoice_id) == ("void", 0)
    assert agree(accountant, f"{page}/void", asked).location == f"/harbor{page}"
    assert "Only an endorsement" in words(accountant.get(page))
    assert mail_of(desk, "voided").subject == "You do not have to pay $300.00"  # type: ignore[attr-defined]
    desk.assert_sound()


def test_what_is_past_due_is_written_off_and_the_insured_reads_that_it_is_closed(
    app: Flask, desk: Desk, loan: Financed
) -> None:
    invoice_id = endorse(desk, loan.program_id)
    wait_until(desk, desk.till.today() + timedelta(days=11))
    set_clock(app, desk.clock())
    accountant, ana = staff_visitor(app, desk.agency, "accountant"), Visitor(app, desk.agency)
    page = f"/admin/programs/{loan.program_id}"
    path, chosen = f"{page}/write-off", {"invoice": str(invoice_id), "reason": "small"}
    assert "Choose a reason." in words(accountant.post(path, invoice=str(invoice_id)))
    assert "$300.00 as bad debt" in words(accountant.post(path, **chosen))
    assert agree(accountant, path, **chosen).location == f"/harbor{page}"
    assert "It is written off." in words(accountant.get(page))
    ana.sign_in("ana@bakery.example")
    assert "This invoice is closed" in words(ana.get(f"/invoices/{invoice_id}"))
    paper = PdfReader(BytesIO(ana.get(f"/invoices/{invoice_id}/invoice.pdf").data))
    said = " ".join(" ".join(sheet.extract_text() for sheet in paper.pages).split())
    assert "CLOSED" in said and "There is nothing left to pay on it." in said and "Paid so far" not in said
    assert "Closed" in words(accountant.get("/admin/invoices?show=paid&kind=endorsement"))
    desk.assert_sound()


def test_a_payoff_is_quoted_by_mail(desk: Desk, accountant: Visitor, loan: Financed) -> None:
    page = f"/admin/programs/{loan.program_id}"
    path, day = f"{page}/payoff-quote", desk.till.today() + timedelta(days=10)
    assert "Good through" in words(accountant.get(path))
    far = accountant.post(path, through=(day + timedelta(days=40)).isoformat())
    assert (far.status_code, "at most 30 days ahead" in words(far)) == (422, True)
    for no_day in ("soon", "2026-02-30", ""):
        assert accountant.post(path, through=no_day).status_code == 422
    asked = accountant.post(path, through=day.isoformat())
    assert "It goes by mail to ana@bakery.example." in words(asked)
    assert agree(accountant, path, asked).location == f"/harbor{page}"
    mail = mail_of(desk, "payoff")
    amount = mail.subject.rsplit(" ", 1)[1]  # type: ignore[attr-defined]
    assert amount in words(asked)
    assert "Interest that you save" in mail.text  # type: ignore[attr-defined]
