"""Everything tied to one e-mail address."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, event

from portal.agencies.models import Agency
from portal.core.tenancy import reading, writing
from portal.payments.money_back.models import CreditEntry
from portal.reports.home import Home, home
from tests.factories.payments import make_payment
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


def seen(engine: Engine, agency: Agency, email: str = ANA) -> Home:
    with reading(engine, agency.id) as session:
        return home(session, email, TODAY)


def test_each_item_stands_in_its_group_with_its_status(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session, ANA)
        for name in ("due", "processing", "paid", "covered"):
            program = make_program(session, insured, name=name)
            make_policy(session, program, name, coverage=name)
            invoice = make_invoice(session, insured, program)
            if name == "processing":
                make_payment(session, invoice, state="processing")
            elif name != "due":
                make_payment(session, invoice)
            if name == "covered":
                make_invoice(session, insured, program, kind="endorsement", total_cents=5_000)
        make_invoice(session, insured, description="Inspection", due_date=date(2026, 7, 20), total_cents=700)
    found = seen(engine, agency)
    assert {(str(item.title), item.group, item.status, item.amount_cents) for item in found.items} == {
        ("Inspection", "upcoming", "awaiting_payment", 700),
        ("due", "upcoming", "payment_due", 100_000),
        ("covered", "upcoming", "endorsement_due", 5_000),
        ("processing", "processing", "processing", 100_000),
        ("paid", "paid", "active", 100_000),
    }
    assert str(found.items[0].title) == "Inspection"
    assert found.owed is not None
    assert (found.owed.amount_cents, found.owed.all_cents) == (700, 105_700)
    assert (found.processing_cents, found.has_several_insureds) == (100_000, False)


def test_what_the_partner_pays_is_shown_and_not_owed(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session, ANA)
        program = make_program(session, insured, billing_type="agency_bill")
        make_policy(session, program, "A1")
        make_invoice(session, insured, program)
    found = seen(engine, agency)
    assert found.owed is None
    assert [(item.status, item.is_paid_by_partner, item.invoice_ids) for item in found.items] == [
        ("payment_due", True, ())
    ]


def test_nothing_due_names_the_next_date(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session, ANA)
        for number, ends in (("A", date(2027, 3, 1)), ("B", date(2026, 12, 1)), ("C", date(2026, 1, 1))):
            program = make_program(session, insured)
            make_policy(session, program, number, effective_date=date(2025, 1, 1), expiration_date=ends)
            make_payment(session, make_invoice(session, insured, program))
    found = seen(engine, agency)
    assert (found.owed, found.covered_until) == (None, date(2026, 12, 1))


def test_archived_programs_drafts_and_void_invoices_are_left_out(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session, ANA)
        for more in ({"archived_at": BEGINNING}, {"is_draft": True}):
            program = make_program(session, insured, **more)
            make_policy(session, program, "A")
            make_invoice(session, insured, program)
        make_invoice(session, insured, state="void", open_cents=0)
        make_invoice(session, insured, state="draft")
    assert seen(engine, agency) == Home(None, 0, None, (), False)


def test_an_address_on_one_invoice_sees_that_invoice_alone(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session, ANA)
        program = make_program(session, insured)
        make_policy(session, program, "A")
        named = make_invoice(session, insured, program, contact_email=BEN)
        make_invoice(session, insured, program)
        hidden = make_program(session, insured, archived_at=BEGINNING)
        make_invoice(session, insured, hidden, contact_email=BEN)
    found = seen(engine, agency, BEN)
    assert [(item.kind, item.id, item.invoice_ids) for item in found.items] == [("invoice", named.id, (named.id,))]


def test_several_insureds_under_one_address_are_named(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        for name in ("Bakery", "Café"):
            make_invoice(session, make_insured(session, ANA, name=name))
    found = seen(engine, agency)
    assert found.has_several_insureds
    assert {item.insured for item in found.items} == {"Bakery", "Café"}


def test_strangers_and_other_agencies_see_nothing(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        make_invoice(session, make_insured(session, ANA))
    assert seen(engine, agency, BEN).items == ()
    assert seen(engine, make_agency(engine, "other")).items == ()


def test_credit_of_ones_own_insureds_is_summed_and_of_others_is_not(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        first, second, other = (make_insured(session, email) for email in (ANA, ANA, "other@example.com"))
        program = make_program(session, first)
        for insured, cents in (first, 4_000), (second, 250), (other, 90_000):
            ref, at = str(insured.id), datetime(2026, 3, 1, tzinfo=UTC)
            values = {"kind": "charge", "ref": ref, "cents": cents, "booked_on": at.date(), "at": at}
            session.add(CreditEntry(insured_id=insured.id, **values))
    with reading(engine, agency.id) as session:
        found = home(session, ANA, TODAY)
    assert found.credit_cents == 4_250
    assert [(item.kind, item.id, type(item.id)) for item in found.items] == [("program", program.id, int)]


def test_it_takes_three_queries_however_much_there_is(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        for _ in range(5):
            insured = make_insured(session, ANA)
            program = make_program(session, insured)
            make_policy(session, program, "A")
            make_payment(session, make_invoice(session, insured, program))
            make_invoice(session, insured)
    queries: list[str] = []
    with reading(engine, agency.id) as session:
        session.connection()
        event.listen(engine, "before_cursor_execute", lambda *call: queries.append(call[2]))
        assert len(home(session, ANA, TODAY).items) == 10
    assert len(queries) == 3
