"""Single cells, the way people and spreadsheets write them."""

from datetime import date
from decimal import Decimal

import pytest

from portal.core.errors import BadInput
from portal.imports import cells


@pytest.mark.parametrize("raw", ["1/5/2026", "01/05/2026", "1/5/26", "2026-01-05", "2026-01-05 00:00:00", "5-Jan-26"])
def test_dates_are_month_first_unless_iso(raw: str) -> None:
    assert cells.read_date(raw) == date(2026, 1, 5)


@pytest.mark.parametrize("raw", ["13/1/2026", "2/30/2026", "46027", "soon", "1/5/1926", "2026-01-05 14:30"])
def test_other_dates_are_refused(raw: str) -> None:
    with pytest.raises(BadInput):
        cells.read_date(raw)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("78701", "78701"),
        ("2139", "02139"),
        ("601", "00601"),
        ("78701-4042", "78701-4042"),
        ("787014042", "78701-4042"),
        ("2139-0001", "02139-0001"),
        ("21390001", "02139-0001"),
        (" 78701 ", "78701"),
        ("78701.0", "78701"),
    ],
)
def test_zips_get_their_zeros_back(raw: str, code: str) -> None:
    assert cells.read_zip(raw) == code


@pytest.mark.parametrize("raw", ["12", "7870A", "78701-404", "K1A 0B1", "123456", "٧٨٧٠١", "0", "00000", "00000-1234"])
def test_what_is_no_zip_is_refused(raw: str) -> None:
    with pytest.raises(BadInput):
        cells.read_zip(raw)


@pytest.mark.parametrize(
    ("raw", "cents"), [("$1,234.50", 123450), ("1234.5", 123450), ("0", 0), ("$ -", 0), ("-", 0), ("$1,234", 123400)]
)
def test_amounts(raw: str, cents: int) -> None:
    assert cells.read_amount(raw) == cents


@pytest.mark.parametrize("raw", ["(12.00)", "-5", "1.234", "abc", "1,23", "$", "1e5", "(12"])
def test_amounts_that_cannot_be_billed_are_refused(raw: str) -> None:
    with pytest.raises(BadInput):
        cells.read_amount(raw)


@pytest.mark.parametrize(
    ("raw", "rate"),
    [("12.5", "0.125"), ("12.5%", "0.125"), ("0.125", "0.125"), ("0.5%", "0.005"), ("100", "1")],
)
def test_rates(raw: str, rate: str) -> None:
    assert cells.read_rate(raw) == Decimal(rate)


@pytest.mark.parametrize("raw", ["1", "101", "150%", "ten", "-5", "12.345678"])
def test_rates_that_are_doubtful_are_refused(raw: str) -> None:
    with pytest.raises(BadInput):
        cells.read_rate(raw)


def test_emails_are_split_lowered_and_unique() -> None:
    assert cells.read_emails("Bob@Acme.example; ann@acme.example,bob@acme.example") == (
        "ann@acme.example",
        "bob@acme.example",
    )
    with pytest.raises(BadInput, match="foo"):
        cells.read_emails("ann@acme.example; foo")
    with pytest.raises(BadInput, match="leave the cell empty"):
        cells.read_email("none")


def test_a_number_that_excel_rounded_is_refused() -> None:
    with pytest.raises(BadInput, match="rounded"):
        cells.read_policy_number("1.23457E+11")
    assert cells.read_policy_number("BKS (25) 01 23 45 67") == "BKS (25) 01 23 45 67"
    assert cells.read_policy_number("12X34") == "12X34"


def test_a_formula_stays_text_and_control_characters_are_refused() -> None:
    assert cells.read_text('=HYPERLINK("http://x","Click")') == '=HYPERLINK("http://x","Click")'
    for bad in ("a\x07b", "abc\u202eexe", "a\u200bb"):
        with pytest.raises(BadInput):
            cells.read_text(bad)


def test_words_for_choices() -> None:
    assert cells.read_billing_type("Direct Bill") == "direct_bill"
    assert cells.read_billing_type("AGENCY_BILL") == "agency_bill"
    assert cells.read_locale("Español") == "es_US"
    assert cells.read_kind("Individual") == "person"
    assert cells.read_yes_no("Y")
    assert cells.read_state("north carolina") == "NC"
    assert cells.read_phone("(828) 555-0134") == cells.read_phone("18285550134") == "828-555-0134"
    for read in (cells.read_billing_type, cells.read_locale, cells.read_kind, cells.read_yes_no, cells.read_state):
        with pytest.raises(BadInput):
            read("whatever")
