"""A partner's credit in the hands of staff: used for its own invoices only, paid out by hand, sent back by card."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core.audit import AuditEntry
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.invoices.models import Invoice
from portal.payments.money_back.models import Refund
from portal.payments.submit import submit
from portal.reports import credit as reports
from tests.factories.desk import Desk
from tests.factories.staff import staff_visitor
from tests.servicing.actions.test_cancel import end
from tests.servicing.test_agency_bill import NET, bound, credit
from tests.web.admin.test_refund import give_back
from tests.web.paying.conftest import app, desk
from tests.web.visitor import Visitor, words

__all__ = ["app", "desk"]


@pytest.fixture
def accountant(app: Flask, desk: Desk) -> Visitor:
    return staff_visitor(app, desk.agency, "accountant")


@pytest.fixture
def owed(desk: Desk) -> tuple[int, int]:
    """A partner whose program was paid and canceled flat: its id, and the payment's."""
    partner_id, program_id, invoice_id = bound(desk)
    payment = submit(desk.till, desk.order(invoice_id))
    end(desk, program_id, "flat")
    return partner_id, payment.id


def further_invoice(desk: Desk, partner_id: int | None, cents: int) -> Invoice:
    """Another one, of the same insured; the partner's or the insured's own."""
    with desk.till.writing() as session:
        insured_id, today = session.scalars(select(Invoice.insured_id)).first(), desk.till.today()
        assert insured_id is not None
        lines, due = [LineDraft("policy_fee", "Fee", cents)], today + timedelta(days=9)
        draft = InvoiceDraft(insured_id, "one_time", lines, today, due, partner_id=partner_id)
        return issue_invoice(session, draft, desk.clock())


def test_it_is_seen_used_and_paid_out(desk: Desk, accountant: Visitor, owed: tuple[int, int]) -> None:
    partner_id, _ = owed
    theirs, insureds = further_invoice(desk, partner_id, 200_00), further_invoice(desk, None, 300_00)
    listed = accountant.get("/admin/credits")
    assert "Northgate Risk Advisors Partner" in words(listed)
    page = f"/admin/partners/{partner_id}/credit"
    assert f'href="/harbor{page}"' in listed.text
    assert f'href="/harbor{page}"' in accountant.get(f"/admin/partners/{partner_id}").text
    seen = accountant.get(page)
    assert "Premium came back" in words(seen)
    assert f"Maria's Bakery LLC: {theirs.number}, due " in words(seen)
    assert insureds.number not in words(seen), "what its insureds pay themselves, its credit does not"
    wrong = accountant.post(f"{page}/apply", page, invoice=str(insureds.id), amount="10.00", request_key="zero")
    assert wrong.status_code == 422
    for _ in range(2):
        accountant.post(f"{page}/apply", page, invoice=str(theirs.id), amount="150.00", request_key="one")
    assert desk.invoice_state(theirs.id) == ("open", 50_00)
    too_much = accountant.post(f"{page}/pay-out", page, amount="999999.00", reference="Check 1", request_key="two")
    assert (too_much.status_code, "Nothing was changed" in words(too_much)) == (422, True)
    for _ in range(2):
        accountant.post(f"{page}/pay-out", page, amount="12.50", reference="Check 77", request_key="three")
    assert "Check 77" in words(accountant.get(page))
    assert credit(desk, partner_id) == NET - 150_00 - 12_50
    with desk.till.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("credit."))).all()
        assert {(each.action, each.subject_kind, each.subject_id) for each in entries} == {
            ("credit.applied", "partner", partner_id),
            ("credit.paid_out", "partner", partner_id),
        }
    desk.assert_sound()


def test_it_goes_back_by_the_payment_that_brought_it(desk: Desk, accountant: Visitor, owed: tuple[int, int]) -> None:
    partner_id, payment_id = owed
    assert (
        f"/admin/payments/{payment_id}/refund?of=credit" in accountant.get(f"/admin/partners/{partner_id}/credit").text
    )
    paid = accountant.get(f"/admin/payments/{payment_id}")
    assert re.search(r"Northgate Risk Advisors has a credit of \$[\d,.]+", words(paid))
    assert f'href="/harbor/admin/partners/{partner_id}/credit"' in paid.text
    give_back(accountant, desk.payment(payment_id), part_1="0", credit="100.00")
    with desk.till.reading() as session:
        made = session.scalars(select(Refund)).one()
    assert (made.state, made.credit_cents) == ("succeeded", 100_00)
    assert credit(desk, partner_id) == NET - 100_00
    desk.assert_sound()


def test_of_many_invoices_those_due_first_are_offered(
    desk: Desk, accountant: Visitor, owed: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "MOST_INVOICES", 2)
    offered = [further_invoice(desk, owed[0], cents).number for cents in (10_00, 20_00, 30_00)]
    seen = words(accountant.get(f"/admin/partners/{owed[0]}/credit"))
    assert [number in seen for number in offered] == [True, True, False]
    assert "These are due first." in seen


def test_support_may_look_and_no_more(app: Flask, desk: Desk, owed: tuple[int, int]) -> None:
    page = f"/admin/partners/{owed[0]}/credit"
    support = staff_visitor(app, desk.agency, "support")
    assert "Note that it was paid out" not in words(support.get(page))
    assert support.post(f"{page}/pay-out", amount="1.00", reference="x", request_key="x").status_code == 403
    assert support.get("/admin/partners/98765432/credit").status_code == 404
