"""From the quote to a signed agreement, over HTTP: what the insured sees, and what is billed."""

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.audit import SYSTEM
from portal.core.tenancy import Scoped, reading, writing
from portal.financing.models import Loan, Signature
from portal.financing.offers import Plan
from portal.financing.payoffs import installments_of
from portal.financing.terms import TermsDraft, set_terms
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.programs.models import Policy
from portal.servicing.bind import Binding, bind
from portal.servicing.drafts import InsuredDraft, PolicyDraft, ProgramDraft
from tests.factories.people import key_of, make_agency
from tests.web.visitor import Visitor, engine_of, set_clock, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
ANA = "ana@bakery.example"
TERMS = TermsDraft(
    True,
    Decimal("0.30"),
    Decimal("0.129"),
    (Plan(9), Plan(6)),
    "actuarial",
    "Empire Premium Funding",
    "1 Wall St\nNew York, NY 10005",
)
DRAFT = re.compile(r'name="draft" type="hidden" value="([^"]+)"')


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app), address_line1="1 Quay St", city="Albany", state="NY", postal_code="12207")


@pytest.fixture
def program_id(app: Flask, agency: Agency) -> int:
    """Ana's program of two policies over $13,000.00 in New York, at an agency that offers financing."""
    with writing(engine_of(app), agency.id) as session:
        set_terms(session, TERMS, None, SYSTEM, AT)
        return bind(session, _program(), Binding(SYSTEM, key_of(agency), date(2026, 7, 15), AT))


@pytest.fixture
def ana(app: Flask, agency: Agency, program_id: int) -> Visitor:
    visitor = Visitor(app, agency)
    visitor.sign_in(ANA)
    return visitor


def _program() -> ProgramDraft:
    policies = tuple(
        PolicyDraft(
            policy_number=number,
            carrier="Scottsdale Insurance Company",
            coverage_code="CGL",
            coverage="General liability",
            effective_date=date(2026, 8, 1),
            expiration_date=date(2027, 8, 1),
            premium_cents=6_000_00,
            taxes_cents=300_00,
            policy_fee_cents=200_00,
            minimum_earned_rate=Decimal("0.10"),
        )
        for number in ("GL-1", "GL-2")
    )
    insured = InsuredDraft(
        "INS-1", "Riverside Bakery LLC", "12 Main St", "Albany", "NY", "12207", emails=(ANA,), contact_first_name="Ana"
    )
    return ProgramDraft("PRG-1", "2026 package", insured, policies, date(2026, 8, 1))


def session_of(app: Flask, agency: Agency) -> Scoped:
    with reading(engine_of(app), agency.id) as session:
        return session


def to_options(ana: Visitor, program_id: int) -> None:
    """Check the details, and say who signs."""
    path = f"/programs/{program_id}/checkout/details"
    assert ana.post(path, first_name="Ana", last_name="Ruiz").status_code == 303


def read_agreement(ana: Visitor, program_id: int, plan: str = "9x1") -> tuple[str, str]:
    """The page on which the agreement is signed, and its sealed draft."""
    page = ana.get(f"/programs/{program_id}/checkout/agreement?plan={plan}").text
    found = DRAFT.search(page)
    assert found
    return page, found.group(1)


def sign(ana: Visitor, program_id: int, draft: str, **more: str) -> int:
    fields = {"consent": "y", "typed_name": "Ana Ruiz", **more}
    page = f"/programs/{program_id}/checkout/agreement?plan=9x1"
    return ana.post(f"/programs/{program_id}/checkout/agreement", page, draft=draft, **fields).status_code


def said(pdf: bytes) -> str:
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(text.replace("\u200b", "").split())


def test_the_program_leads_to_the_checkout_and_says_what_is_missing(ana: Visitor, program_id: int) -> None:
    assert "Choose how to pay" in ana.get(f"/programs/{program_id}").text
    details = words(ana.get(f"/programs/{program_id}/checkout/details"))
    assert "GL-1" in details
    assert "Who can sign for Riverside Bakery LLC?" in details
    missing = ana.post(f"/programs/{program_id}/checkout/details", first_name="Ana", last_name="")
    assert missing.status_code == 422
    assert "Enter the last name." in missing.text
    assert 'value="Ana"' in missing.text


def test_in_full_and_by_plan_stand_side_by_side(ana: Visitor, program_id: int) -> None:
    before = words(ana.get(f"/programs/{program_id}/checkout/options"))
    assert "The business has no contact with a first and a last name yet" in before
    to_options(ana, program_id)
    shown = words(ana.get(f"/programs/{program_id}/checkout/options"))
    for part in ("Pay in full $13,000.00", "9 installments", "6 installments", "Finance charge", "APR 12.90%"):
        assert part in shown
    assert "no contact" not in shown


def test_floridas_stamp_tax_is_due_today_wherever_the_plan_is_shown(
    app: Flask, agency: Agency, ana: Visitor, program_id: int
) -> None:
    with writing(engine_of(app), agency.id) as session:
        session.scalars(select(Insured)).one().state = "FL"
    to_options(ana, program_id)
    page_words = words(ana.get(f"/programs/{program_id}/checkout/agreement?plan=9x1"))
    _, draft = read_agreement(ana, program_id)
    assert sign(ana, program_id, draft) == 303
    loan = session_of(app, agency).scalars(select(Loan)).one()
    tax = -(-loan.amount_financed_cents // 100_00) * 35
    today = f"${(loan.down_payment_cents + tax) / 100:,.2f}"
    ana.post(f"/programs/{program_id}/loan/withdraw")
    options = words(ana.get(f"/programs/{program_id}/checkout/options"))
    assert f"9 installments {today} today" in options
    assert f"Stamp tax, due today ${tax / 100:,.2f}" in options
    assert f"Down payment, today {today}" in page_words
    assert f"Stamp tax, in the down payment ${tax / 100:,.2f}" in page_words


def test_who_leaves_goes_on_where_they_were(ana: Visitor, program_id: int) -> None:
    to_options(ana, program_id)
    assert ana.get(f"/programs/{program_id}/checkout").location.endswith("/checkout/options")
    ana.post(f"/programs/{program_id}/checkout/options", option="9x1")
    assert ana.get(f"/programs/{program_id}/checkout").location.endswith("/checkout/agreement?plan=9x1")


def test_in_full_leads_to_the_payment_page(ana: Visitor, program_id: int) -> None:
    to_options(ana, program_id)
    answer = ana.post(f"/programs/{program_id}/checkout/options", option="in_full")
    assert answer.location == f"/harbor/pay?checkout={program_id}"
    nothing = ana.post(f"/programs/{program_id}/checkout/options")
    assert nothing.status_code == 422
    assert "Choose how you want to pay." in nothing.text


def test_what_is_read_is_signed_kept_and_billed(app: Flask, agency: Agency, ana: Visitor, program_id: int) -> None:
    to_options(ana, program_id)
    _, draft = read_agreement(ana, program_id)
    pdf = ana.get(f"/programs/{program_id}/checkout/agreement.pdf?draft={draft}")
    unsigned = said(pdf.data)
    assert "This agreement is not signed yet." in unsigned
    assert "12.90%" in unsigned
    assert "Empire Premium Funding" in unsigned
    assert sign(ana, program_id, draft) == 303
    session = session_of(app, agency)
    loan, signature = session.scalars(select(Loan)).one(), session.scalars(select(Signature)).one()
    assert (loan.state, signature.typed_name, signature.signer_email) == ("signed", "Ana Ruiz", ANA)
    rows = session.execute(select(Invoice.kind, Invoice.open_cents).where(Invoice.state == "open")).all()
    kinds = dict(rows)
    assert kinds == {"down_payment": loan.down_payment_cents, "financed": loan.amount_financed_cents}
    for cents in (loan.down_payment_cents, loan.amount_financed_cents, loan.finance_charge_cents):
        assert f"${cents / 100:,.2f}" in unsigned
    signed = said(ana.get(f"/programs/{program_id}/loan/{loan.id}/agreement.pdf").data)
    assert "Ana Ruiz" in signed
    assert signature.document_hash in signed
    assert "not signed yet" not in signed
    program = words(ana.get(f"/programs/{program_id}"))
    assert "Down payment" in program
    assert "Financed balance" not in program


def test_nothing_is_signed_without_consent_and_name(app: Flask, agency: Agency, ana: Visitor, program_id: int) -> None:
    to_options(ana, program_id)
    _, draft = read_agreement(ana, program_id)
    page = f"/programs/{program_id}/checkout/agreement?plan=9x1"
    answer = ana.post(f"/programs/{program_id}/checkout/agreement", page, draft=draft, typed_name="Ana Ruiz")
    assert answer.status_code == 422
    assert "Tick the box if you agree to sign electronically" in answer.text
    assert 'value="Ana Ruiz"' in answer.text
    for nobody in ("", "    ", "\t \t", "\u200b\u200b\u200b\u200b", "\u202e\u202c\u202e"):
        assert sign(ana, program_id, draft, typed_name=nobody) == 422, repr(nobody)
    assert session_of(app, agency).scalars(select(Loan)).all() == []


def test_a_business_has_somebody_who_signs_with_a_name(ana: Visitor, program_id: int) -> None:
    blank = ana.post(f"/programs/{program_id}/checkout/details", first_name="   ", last_name="Ruiz")
    assert blank.status_code == 422
    assert "Enter the first name." in blank.text


def test_what_changed_meanwhile_is_read_again(app: Flask, agency: Agency, ana: Visitor, program_id: int) -> None:
    to_options(ana, program_id)
    _, draft = read_agreement(ana, program_id)
    with writing(engine_of(app), agency.id) as session:
        session.scalars(select(Policy)).first().premium_cents += 1  # type: ignore[union-attr]
    assert sign(ana, program_id, draft) == 422
    assert sign(ana, program_id, draft + "x") == 422
    assert session_of(app, agency).scalars(select(Loan)).all() == []


def test_before_the_down_payment_another_way_can_be_chosen(ana: Visitor, program_id: int) -> None:
    to_options(ana, program_id)
    sign(ana, program_id, read_agreement(ana, program_id)[1])
    assert ana.get(f"/programs/{program_id}/checkout").location.endswith(f"/programs/{program_id}")
    answer = ana.post(f"/programs/{program_id}/loan/withdraw", f"/programs/{program_id}")
    assert answer.location.endswith("/checkout/options")
    assert "Pay in full $13,000.00" in words(ana.get(f"/programs/{program_id}/checkout/options"))
    assert sign(ana, program_id, read_agreement(ana, program_id)[1]) == 303


def test_where_a_state_has_no_limit_nothing_is_offered(
    app: Flask, agency: Agency, ana: Visitor, program_id: int
) -> None:
    with writing(engine_of(app), agency.id) as session:
        session.scalars(select(Insured)).one().state = "TX"
    to_options(ana, program_id)
    shown = words(ana.get(f"/programs/{program_id}/checkout/options"))
    assert "The rule of TX about premium finance is not verified." in shown
    assert "installments" not in shown.split("Why you cannot")[0].split("Pay in full")[1]


def test_three_quarterly_installments_are_offered_read_and_signed(
    app: Flask, agency: Agency, ana: Visitor, program_id: int
) -> None:
    with writing(engine_of(app), agency.id) as session:
        set_terms(session, replace(TERMS, plans=(Plan(9), Plan(3, 3), Plan(1, 6))), None, SYSTEM, AT)
    to_options(ana, program_id)
    shown = words(ana.get(f"/programs/{program_id}/checkout/options"))
    assert re.search(r"3 installments \$\S+ today, then \$\S+ every three months", shown)
    assert re.search(r"1 installment \$\S+ today, then \$\S+ on Feb 1, 2027", shown)
    _, draft = read_agreement(ana, program_id, "3x3")
    pdf = said(ana.get(f"/programs/{program_id}/checkout/agreement.pdf?draft={draft}").data)
    assert "quarterly payments of" in pdf
    assert sign(ana, program_id, draft) == 303
    session = session_of(app, agency)
    loan = session.scalars(select(Loan)).one()
    assert loan.down_payment_rate > TERMS.down_payment_rate
    days = [date(2026, 11, 1), date(2027, 2, 1), date(2027, 5, 1)]
    assert [one.due_date for one in installments_of(session, loan.id)] == days


def test_the_same_word_means_the_same_amount_on_both_pages(ana: Visitor, program_id: int) -> None:
    to_options(ana, program_id)
    nine = words(ana.get(f"/programs/{program_id}/checkout/options")).split("9 installments")[1]
    read = words(ana.get(f"/programs/{program_id}/checkout/agreement?plan=9x1"))
    in_all = re.compile(r"You pay in all (\$[\d,.]+)")
    assert in_all.findall(nine)[:1] == in_all.findall(read) != []


def test_who_reads_spanish_is_told_that_the_english_text_binds(ana: Visitor, program_id: int) -> None:
    to_options(ana, program_id)
    path = f"/programs/{program_id}/checkout/agreement?plan=9x1"
    assert "english-only" not in ana.get(path).text
    ana.post("/language", path, language="es", next=path)
    shown = words(ana.get(path))
    assert "El contrato está solo en inglés" in shown
    assert "solo ese texto los obliga a usted y al prestamista" in shown
    assert "Total de los pagos" in shown
