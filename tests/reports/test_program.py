"""One program, and one invoice, as their insured sees them."""

from datetime import date

import pytest
from sqlalchemy import Engine, event

from portal.agencies.models import Agency
from portal.core.errors import Gone, NotFound
from portal.core.tenancy import reading, writing
from portal.reports.invoice import invoice_page
from portal.reports.program import program_page
from tests.factories.payments import cover, make_line, make_link, make_payment
from tests.factories.people import (
    BEGINNING,
    make_agency,
    make_insured,
    make_invoice,
    make_policy,
    make_program,
)

TODAY = date(2026, 7, 15)
ANA, BEN = "ana@bakery.example", "ben@else.example"


@pytest.fixture
def agency(engine: Engine) -> Agency:
    return make_agency(engine)


def test_a_program_with_everything_in_it(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session, ANA)
        program = make_program(session, insured)
        policy = make_policy(session, program, "CPS 0071234", surplus_lines_tax_cents=4_850, broker_fee_cents=2_500)
        invoice = make_invoice(session, insured, program, total_cents=107_350)
        cover(session, invoice, policy, ("premium", "Premium", 100_000), ("broker_fee", "Broker fee", 7_350))
        later = make_invoice(session, insured, program, kind="endorsement", due_date=date(2026, 9, 1))
        make_payment(session, invoice, reference="P-1")
        link = make_link(session, program)
    with reading(engine, agency.id) as session:
        page = program_page(session, ANA, program.id, TODAY)
    assert (page.status, str(page.sentence)) == (
        "endorsement_due",
        "Your policy has changed. Please pay $1,000.00 by 2026-09-01.",
    )
    assert [(each.id, each.status, each.paid_cents) for each in page.invoices] == [
        (invoice.id, "paid", 107_350),
        (later.id, "awaiting_payment", 0),
    ]
    assert [line.amount_cents for line in page.invoices[0].lines] == [100_000, 7_350]
    assert [(str(words), cents) for words, cents in page.policies[0].amounts] == [
        ("Premium", 100_000),
        ("Surplus lines tax", 4_850),
        ("Broker fee", 2_500),
    ]
    assert (page.policies[0].total_cents, page.paid_cents, page.total_cents) == (107_350, 107_350, 207_350)
    assert [(each.reference, each.amount_cents, each.payer) for each in page.payments] == [("P-1", 107_350, "")]
    assert page.owed is not None and page.owed.invoice_ids == (later.id,)
    assert page.link_token == link.token


def test_a_third_partys_payment_shows_its_part_and_a_masked_name(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured, other = make_insured(session, ANA), make_insured(session, BEN)
        program = make_program(session, insured)
        make_policy(session, program, "A")
        own, foreign = make_invoice(session, insured, program), make_invoice(session, other, total_cents=7)
        make_payment(session, own, foreign, payer_kind="guest", payer_name="Sam Lee", payer_email="sam@x.example")
    with reading(engine, agency.id) as session:
        paid = program_page(session, ANA, program.id, TODAY).payments[0]
    assert (paid.amount_cents, paid.payer, paid.token) == (100_000, "S••••• L•••••", None)


def test_a_failed_payment_is_told_and_one_never_begun_is_not(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session, ANA)
        invoice = make_invoice(session, insured)
        for state in ("failed", "canceled"):
            make_payment(session, invoice, state=state)
        make_payment(session, invoice, state="processing")
    with reading(engine, agency.id) as session:
        page = invoice_page(session, ANA, invoice.id, TODAY)
    assert {each.state for each in page.payments} == {"failed", "processing"}
    assert (page.invoice.status, page.owed, page.link_token) == ("processing", None, None)


def test_a_void_invoice_neither_counts_nor_covers(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session, ANA)
        program = make_program(session, insured)
        make_policy(session, program, "A")
        make_invoice(session, insured, program, state="void", open_cents=0)
        make_invoice(session, insured, program, due_date=date(2026, 7, 1))
    with reading(engine, agency.id) as session:
        page = program_page(session, ANA, program.id, TODAY)
    assert (page.status, page.total_cents, page.paid_cents) == ("payment_due", 100_000, 0)
    assert str(page.sentence) == "$1,000.00 was due on 2026-07-01. Please pay it now."


def test_agency_bill_cannot_be_paid_here(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session, ANA)
        program = make_program(session, insured, billing_type="agency_bill")
        make_policy(session, program, "A")
        invoice = make_invoice(session, insured, program)
        make_link(session, program)
    with reading(engine, agency.id) as session:
        page = program_page(session, ANA, program.id, TODAY)
        single = invoice_page(session, ANA, invoice.id, TODAY)
    assert (page.owed, page.link_token, page.is_paid_by_partner) == (None, None, True)
    assert (single.owed, single.link_token, single.invoice.is_paid_by_partner) == (None, None, True)


def test_only_those_who_may_see_it(engine: Engine, agency: Agency) -> None:
    other_agency = make_agency(engine, "other")
    with writing(engine, agency.id) as session:
        insured = make_insured(session, ANA)
        make_insured(session, BEN)
        program, draft = make_program(session, insured), make_program(session, insured, is_draft=True)
        archived = make_program(session, insured, archived_at=BEGINNING)
        invoice, of_draft = make_invoice(session, insured, program), make_invoice(session, insured, draft)
        of_archived = make_invoice(session, insured, archived)
    with reading(engine, agency.id) as session:
        for email, program_id in ((BEN, program.id), (ANA, draft.id), (ANA, 999_999)):
            with pytest.raises(NotFound):
                program_page(session, email, program_id, TODAY)
        for email, invoice_id in ((BEN, invoice.id), (ANA, of_draft.id), (ANA, 999_999)):
            with pytest.raises(NotFound):
                invoice_page(session, email, invoice_id, TODAY)
        with pytest.raises(Gone):
            program_page(session, ANA, archived.id, TODAY)
        with pytest.raises(Gone):
            invoice_page(session, ANA, of_archived.id, TODAY)
    with reading(engine, other_agency.id) as session, pytest.raises(NotFound):
        program_page(session, ANA, program.id, TODAY)


def test_the_link_of_a_one_time_payment_is_its_own(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session, ANA)
        first, second = make_invoice(session, insured), make_invoice(session, insured)
        make_line(session, first, "Inspection")
        link = make_link(session, first)
    with reading(engine, agency.id) as session:
        assert invoice_page(session, ANA, first.id, TODAY).link_token == link.token
        assert invoice_page(session, ANA, second.id, TODAY).link_token is None


def test_a_program_takes_four_queries_and_an_invoice_four(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session, ANA)
        program = make_program(session, insured)
        for number in "ABC":
            make_policy(session, program, number)
            paid, due = make_invoice(session, insured, program), make_invoice(session, insured, program)
            make_payment(session, paid)
            make_line(session, due)
    queries: list[str] = []
    with reading(engine, agency.id) as session:
        session.connection()
        event.listen(engine, "before_cursor_execute", lambda *call: queries.append(call[2]))
        program_page(session, ANA, program.id, TODAY)
        assert len(queries) == 4
        invoice_page(session, ANA, due.id, TODAY)
    assert len(queries) == 8
