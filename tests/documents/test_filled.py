"""What receipts and invoices say, filled from what is stored."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from portal.agencies.models import Agency
from portal.core.errors import NotFound
from portal.core.tenancy import reading, writing
from portal.documents.filled import invoice_document, letterhead_of, receipt_document
from tests.factories.payments import cover, make_line, make_payment
from tests.factories.people import key_of, make_agency, make_insured, make_invoice, make_policy, make_program

TODAY = date(2026, 7, 15)
PAID_AT = datetime(2026, 7, 11, 2, 30, tzinfo=UTC)  # still July 10 in New York


@pytest.fixture
def agency(engine: Engine) -> Agency:
    return make_agency(engine, address_line1="1 Quay St", city="Boston", state="MA", postal_code="02110")


def test_the_letterhead_shows_the_agencys_brand(agency: Agency) -> None:
    head = letterhead_of(agency)
    assert (head.agency_name, head.phone, head.solid_color) == (agency.name, agency.phone, "#0b5fa5")
    assert head.address_lines == ("1 Quay St", "Boston, MA 02110")
    assert head.text_color == "#ffffff"


def test_a_receipt_names_each_line_of_the_one_invoice_paid(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        program = make_program(session, insured)
        policy = make_policy(session, program, "CPS 0071234")
        invoice = make_invoice(session, insured, program, total_cents=104_850)
        cover(session, invoice, policy, ("premium", "Premium", 100_000), ("tax", "Surplus lines tax", 4_850))
        make_invoice(session, insured, program, kind="endorsement", total_cents=20_000)
        make_invoice(session, insured, program, kind="endorsement", total_cents=7_000, issued_on=date(2026, 7, 11))
        payment = make_payment(session, invoice, fee_cents=2_000, created_at=PAID_AT, payer_locale="es_US")
    with reading(engine, agency.id) as session:
        receipt = receipt_document(session, agency, payment, is_masked=False)
    assert receipt.paid_on == date(2026, 7, 10)
    assert [(str(line.label), line.amount_cents) for line in receipt.lines] == [
        ("General liability: Premium", 100_000),
        ("General liability: Surplus lines tax", 4_850),
    ]
    assert (receipt.fee_cents, receipt.total_cents, receipt.balance_cents) == (2_000, 106_850, 20_000)
    assert receipt.insured is not None and receipt.insured.name == "Riverside Bakery LLC"
    assert (receipt.method, receipt.locale, receipt.policies[0].number) == ("Visa ••4242", "es_US", "CPS 0071234")


def test_a_third_partys_receipt_is_masked(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session)
        program = make_program(session, insured)
        make_policy(session, program, "CPS 0071234")
        invoice = make_invoice(session, insured, program, description="Endorsement 1")
        make_line(session, invoice)
        payment = make_payment(session, invoice, payer_kind="guest", payer_name="Sam Lee")
    with reading(engine, agency.id) as session:
        receipt = receipt_document(session, agency, payment, is_masked=True)
    shown = repr(receipt)
    assert not any(secret in shown for secret in ("Riverside", "12 Main St", "0071234", "Premium"))
    assert receipt.insured is not None and receipt.insured.name == "R••••• B••••• L•••••"
    assert (receipt.lines[0].label, str(receipt.lines[0].detail)) == ("Endorsement 1", f"Invoice {invoice.number}")
    assert (receipt.payer_name, receipt.balance_cents) == ("Sam Lee", None)


def test_a_receipt_over_several_insureds_has_a_line_for_each_invoice(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        invoices = [make_invoice(session, make_insured(session), total_cents=cents) for cents in (300, 500)]
        payment = make_payment(session, *invoices, amount_cents=1_000)
    with reading(engine, agency.id) as session:
        receipt = receipt_document(session, agency, payment, is_masked=False)
    assert receipt.insured is None
    assert [line.amount_cents for line in receipt.lines] == [300, 500, 200]
    assert str(receipt.lines[-1].label) == "Credit on your account"


def test_a_receipt_stays_the_same_when_more_is_paid_later(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session)
        program = make_program(session, insured)
        first, second = make_invoice(session, insured, program), make_invoice(session, insured, program)
        payment = make_payment(session, first)
    with reading(engine, agency.id) as session:
        before = receipt_document(session, agency, payment, is_masked=False)
    with writing(engine, agency.id) as session:
        make_payment(session, session.merge(second), created_at=PAID_AT)
    with reading(engine, agency.id) as session:
        assert receipt_document(session, agency, payment, is_masked=False) == before
    assert before.balance_cents == 100_000


def test_no_receipt_before_the_money_came(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        invoice = make_invoice(session, make_insured(session))
        payment = make_payment(session, invoice, state="processing")
    with reading(engine, agency.id) as session, pytest.raises(NotFound):
        receipt_document(session, agency, payment, is_masked=False)


@pytest.mark.parametrize(
    ("facts", "state", "asks"),
    [
        ({"due_date": date(2026, 8, 1)}, "due", True),
        ({"due_date": date(2026, 7, 1)}, "overdue", True),
        ({"state": "void", "open_cents": 0}, "void", False),
    ],
)
def test_an_invoice_asks_only_for_what_is_owed(engine: Engine, agency: Agency, facts, state, asks) -> None:
    with writing(engine, agency.id) as session:
        invoice = make_invoice(session, make_insured(session), **facts)
        make_line(session, invoice, "Inspection")
    with reading(engine, agency.id) as session:
        document = invoice_document(
            session, agency, key_of(agency), invoice.id, "https://pay.example/l", TODAY, locale="en_US"
        )
    assert (document.state, bool(document.payment_url), document.paid_cents) == (state, asks, 0)
    assert document.lines[0].label == "Inspection"
    assert document.offline is not None and document.offline.mail_to == ("1 Quay St", "Boston, MA 02110")


def test_an_invoice_lists_what_was_paid_on_it(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session)
        paid, waiting = make_invoice(session, insured), make_invoice(session, insured)
        payment = make_payment(session, paid, created_at=PAID_AT)
        make_payment(session, waiting, state="processing")
    with reading(engine, agency.id) as session:
        first = invoice_document(
            session, agency, key_of(agency), paid.id, "https://pay.example/l", TODAY, locale="en_US"
        )
        second = invoice_document(
            session, agency, key_of(agency), waiting.id, "https://pay.example/l", TODAY, locale="en_US"
        )
    assert (first.state, first.paid_cents, first.open_cents, first.payment_url) == ("paid", 100_000, 0, "")
    assert [(line.reference, line.paid_on) for line in first.payments] == [(payment.reference, date(2026, 7, 10))]
    assert (second.state, second.payments, second.payment_url) == ("processing", (), "")


def test_a_draft_is_no_document(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        draft = make_invoice(session, make_insured(session), state="draft")
    with reading(engine, agency.id) as session, pytest.raises(NotFound):
        invoice_document(session, agency, key_of(agency), draft.id, "", TODAY, locale="en_US")
