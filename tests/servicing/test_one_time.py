"""A one-time invoice comes with the link that it is paid by."""

from datetime import date

import pytest
from sqlalchemy import Engine, select

from portal.core.audit import Actor
from portal.core.errors import BadInput
from portal.core.tenancy import writing
from portal.invoices.issue import InvoiceDraft, LineDraft
from portal.invoices.models import Invoice
from portal.payments.payable import payable_invoices
from portal.programs.models import PaymentLink
from portal.servicing.one_time import issue_one_time
from tests.factories.people import BEGINNING, make_agency, make_insured

STAFF = Actor("staff", "ada@harbor.example")


def test_it_is_payable_by_its_link_at_once(engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        lines = [LineDraft("item", "Crane inspection", 64_000)]
        day = date(2026, 7, 1)
        draft = InvoiceDraft(make_insured(session).id, "one_time", lines, day, day, description="Crane inspection")
        invoice = issue_one_time(session, draft, STAFF, BEGINNING)
        link = session.scalars(select(PaymentLink).where(PaymentLink.invoice_id == invoice.id)).one()
        assert (link.program_id, link.replaced_at) == (None, None)
        assert [payable.open_cents for payable in payable_invoices(session, Invoice.id == invoice.id)] == [64_000]


def test_nothing_to_pay_is_no_invoice(engine: Engine) -> None:
    agency = make_agency(engine)
    with pytest.raises(BadInput), writing(engine, agency.id) as session:
        day = date(2026, 7, 1)
        issue_one_time(session, InvoiceDraft(make_insured(session).id, "one_time", [], day, day), STAFF, BEGINNING)
