"""Accountants set what follows when installments are late, and waive a fee; the insured sees it and is told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core.audit import AuditEntry
from portal.core.outbox import OutboxRow
from portal.financing.late.models import InstallmentFee
from portal.financing.late.terms import late_terms
from portal.insureds.models import Insured
from portal.jobs.charge_fees import charge_agency
from portal.jobs.context import JobContext
from portal.jobs.late_mails import late_fee_message
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.factories.late import Financed, financed, wait_until
from tests.factories.mail import pages
from tests.factories.staff import staff_visitor
from tests.jobs.conftest import clock, jobs
from tests.web.paying.conftest import app, desk
from tests.web.visitor import Visitor, set_clock, words

__all__ = ["app", "clock", "desk", "jobs"]
FORM = {
    "fee_is_charged": "y",
    "fee_percent": "4",
    "fee_after_days": "7",
    "failed_fee": "10.00",
    "notices": "send",
    "notice_after_days": "12",
    "notice_days": "15",
    "mailing_days": "5",
    "reinstatement_fee": "50.00",
}


@pytest.fixture
def loan(app: Flask, desk: Desk, jobs: JobContext) -> Financed:
    """A loan whose first installment bears a late fee."""
    made = financed(desk)
    wait_until(desk, made.due_dates[0] + timedelta(days=5))
    charge_agency(replace(jobs, now=desk.clock), desk.agency.id)
    return made


@pytest.fixture
def accountant(app: Flask, desk: Desk) -> Visitor:
    return staff_visitor(app, desk.agency, "accountant")


def test_the_settings_say_what_each_state_allows_and_why_not(desk: Desk, accountant: Visitor) -> None:
    page = words(accountant.get("/admin/late"))
    assert "NY 5% of the installment. At most $5.00 on personal policies. From 5 days after the due date on." in page
    assert "FL asks for words on the notice that this portal does not print." in page
    assert "TX The rule of TX about late installments is not verified." in page
    assert "We know no limit of FL for late fees." in page
    assert "No rule yet, so nothing is charged:" in page
    assert accountant.post("/admin/late", **FORM).location == "/harbor/admin/late"
    with desk.till.reading() as session:
        terms = late_terms(session)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "late_terms.set")).one()
    assert (str(terms.fee_rate), terms.fee_after_days, terms.failed_fee_cents) == ("0.04", 7, 10_00)
    assert entry.detail["fee_after_days"] == "5 → 7"
    wrong = accountant.post("/admin/late", **FORM | {"fee_percent": "40"})
    assert (wrong.status_code, "between 0 and 25 percent" in words(wrong)) == (422, True)
    assert 'value="40"' in wrong.text
    assert accountant.post("/admin/late", **FORM | {"fee_after_days": "soon"}).status_code == 422
    assert "gives 10 to 60 days" in words(accountant.post("/admin/late", **FORM | {"notice_days": "9"}))


def test_support_and_producers_neither_set_nor_waive(app: Flask, desk: Desk, loan: Financed) -> None:
    producer = staff_visitor(app, desk.agency, "producer")
    assert producer.get("/admin/late").status_code == 403
    assert producer.get(f"/admin/programs/{loan.program_id}/fees/1/waive").status_code == 403
    assert "Waive" not in words(producer.get(f"/admin/programs/{loan.program_id}"))


def test_a_fee_is_waived_with_a_reason_that_stays_with_it(desk: Desk, accountant: Visitor, loan: Financed) -> None:
    program = f"/admin/programs/{loan.program_id}"
    with desk.till.reading() as session:
        fee = session.scalars(select(InstallmentFee)).one()
    address = f"{program}/fees/{fee.id}/waive"
    assert f'href="/harbor{address}"' in accountant.get(program).text
    assert "Late fee for installment 1 of 9, invoice INV-" in words(accountant.get(address))
    assert "Choose a reason." in words(accountant.post(address))
    assert accountant.post(address, reason="courtesy", note="Long a customer").location == f"/harbor{program}"
    page = words(accountant.get(program))
    assert "Waived: Courtesy – Long a customer" in page
    assert "Fee waived" in page
    assert "is paid or waived already" in words(accountant.post(address, reason="courtesy"))


def test_the_insured_is_told_in_their_language_and_not_once_it_is_waived_or_paid(
    app: Flask, desk: Desk, loan: Financed
) -> None:
    with desk.till.writing() as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.late_fee")).one()
        session.scalars(select(Insured)).one().locale = "es_US"

    def message() -> object:
        with desk.till.reading() as session:
            ids = row.payload["fee_id"], row.payload["email_id"]
            return late_fee_message(session, desk.agency, *ids, lambda endpoint, **values: f"https://x/{endpoint}")

    made = message()
    assert made is not None
    assert made.recipient.address == "ana@bakery.example"  # type: ignore[attr-defined]
    seen = pages().render(made)  # type: ignore[arg-type]
    first = loan.quote.offer.schedule.installments[0].payment_cents
    total = first + first * 5 // 100
    assert f"Pay ${total / 100:,.2f}" in seen.text
    with desk.till.reading() as session:
        fee = session.scalars(select(InstallmentFee)).one()
    set_clock(app, desk.clock())
    submit(desk.till, desk.order(loan.installments[0], fee.invoice_id))
    assert message() is None
