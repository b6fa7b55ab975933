"""Staff send, print and take back notices of intent to cancel; the insured reads how much by when, everywhere."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core.audit import SYSTEM
from portal.core.outbox import OutboxRow
from portal.financing.late.models import CancelNotice
from portal.financing.late.terms import LateTerms, set_late_terms
from portal.jobs.late_mails import notice_message
from portal.programs.links import issue_link
from portal.servicing.late.notices import make_notice
from tests.factories.desk import Desk
from tests.factories.late import Financed, financed, paper_of, wait_until
from tests.factories.mail import pages
from tests.factories.staff import staff_visitor
from tests.web.paying.conftest import app, desk
from tests.web.visitor import Visitor, set_clock, words

__all__ = ["app", "desk"]


@pytest.fixture
def loan(app: Flask, desk: Desk) -> Financed:
    """A loan whose first installment is ten days late, on the day of its notice."""
    made = financed(desk)
    wait_until(desk, made.due_dates[0] + timedelta(days=10))
    set_clock(app, desk.clock())
    return made


def make(desk: Desk, loan: Financed, terms: LateTerms) -> CancelNotice:
    with desk.till.writing() as session:
        set_late_terms(session, terms, SYSTEM, desk.clock())
        notice = make_notice(session, loan.program_id, paper_of(desk), desk.till.today(), desk.clock())
        assert notice is not None
        return notice


def stored(desk: Desk) -> CancelNotice:
    with desk.till.reading() as session:
        return session.scalars(select(CancelNotice)).one()


def test_staff_send_it_after_a_look_and_the_insured_reads_it_everywhere(app: Flask, desk: Desk, loan: Financed) -> None:
    notice = make(desk, loan, LateTerms())
    accountant = staff_visitor(app, desk.agency, "accountant")
    page = f"/admin/programs/{loan.program_id}"
    assert "A notice of cancelation waits to be confirmed" in words(accountant.get("/admin/attention"))
    assert "Waits for you to send it" in words(accountant.get(page))
    ask = f"{page}/notices/{notice.id}/send"
    assert "gives 10 days from today" in words(accountant.get(ask))
    assert accountant.post(ask).location == f"/harbor{page}"
    assert "Pending cancelation" in words(accountant.get(page))
    assert accountant.get(f"{page}/notices/{notice.id}.pdf").data.startswith(b"%PDF")
    assert "confirmed already" in words(accountant.post(ask))

    pay_by = stored(desk).pay_by
    assert pay_by is not None
    cents = loan.quote.offer.schedule.installments[0].payment_cents
    sentence = f"Pay ${cents / 100:,.2f} by {pay_by:%b} {pay_by.day}, {pay_by.year} to keep your coverage."
    ana = Visitor(app, desk.agency)
    ana.sign_in("ana@bakery.example")
    for address in ("/", f"/programs/{loan.program_id}", "/pay"):
        assert sentence in words(ana.get(address)), address
    assert ana.get(f"/programs/{loan.program_id}/notice.pdf").data.startswith(b"%PDF")
    with desk.till.writing() as session:
        token = issue_link(session, desk.clock(), program_id=loan.program_id).token
    assert sentence in words(Visitor(app, desk.agency).get(f"/pay/{token}"))


def test_the_mail_has_the_pdf_and_says_how_much_by_when(desk: Desk, loan: Financed) -> None:
    notice = make(desk, loan, LateTerms(notices="send"))
    with desk.till.reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.cancel_notice")).all()
        made = [
            notice_message(
                session, desk.agency, notice.id, row.payload["email_id"], lambda endpoint, **_: f"https://x/{endpoint}"
            )
            for row in rows
        ]
    to_ana, copy = sorted((one for one in made if one), key=lambda one: one.recipient.address)
    assert (to_ana.recipient.address, copy.recipient.address) == ("ana@bakery.example", "billing@harbor.example")
    seen = pages().render(to_ana)
    cents = loan.quote.offer.schedule.installments[0].payment_cents
    assert seen.subject.startswith(f"Pay ${cents / 100:,.2f} by ")
    assert to_ana.attachments[0].data.startswith(b"%PDF")
    assert "This is the agency’s copy" in pages().render(copy).text


def test_the_print_queue_prints_for_a_day_and_marks_as_mailed(app: Flask, desk: Desk, loan: Financed) -> None:
    accountant = staff_visitor(app, desk.agency, "accountant")
    assert "Nothing waits to be mailed" in words(accountant.get("/admin/notices/print"))
    notice = make(desk, loan, LateTerms(notices="send", notices_by_post=True))
    assert "not printed yet" in words(accountant.get("/admin/notices/print"))
    fields = {"notice": str(notice.id), "day": desk.till.today().isoformat()}
    early = accountant.post("/admin/notices/print", **fields, mailed="1")
    assert (early.status_code, "is not printed yet" in words(early)) == (422, True)
    printed = accountant.post("/admin/notices/print", **fields, **{"print": "1"})
    assert (printed.mimetype, printed.data[:4]) == ("application/pdf", b"%PDF")
    assert accountant.post("/admin/notices/print", day=fields["day"], mailed="1").status_code == 422
    assert accountant.post("/admin/notices/print", **fields, mailed="1").location == "/harbor/admin/notices/print"
    assert stored(desk).sent_on == desk.till.today()
    assert staff_visitor(app, desk.agency, "producer").get("/admin/notices/print").status_code == 403


def test_taken_back_it_says_so(app: Flask, desk: Desk, loan: Financed) -> None:
    notice = make(desk, loan, LateTerms())
    accountant = staff_visitor(app, desk.agency, "accountant")
    page = f"/admin/programs/{loan.program_id}"
    ask = f"{page}/notices/{notice.id}/withdraw"
    assert f"Take the notice {notice.number} back?" in words(accountant.get(ask))
    assert accountant.post(ask).location == f"/harbor{page}"
    assert "Taken back" in words(accountant.get(page))
    assert "is closed already" in words(accountant.post(ask))
    assert accountant.get(f"{page}/notices/{notice.id}.pdf").status_code == 404
