"""Which installment bears a late fee, from when on, and how much: the least of agreement, agency and state."""

from datetime import date
from decimal import Decimal

import pytest

from portal.core.errors import BadInput
from portal.financing.late.fees import NONE_AGREED, Agreed, Try, agree, failed_fee_cents, late_fee_cents, late_fee_day
from portal.financing.late.terms import LateTerms
from portal.reference.late_rules import LateFeeCap, late_rule, read_late_rule

FIVE = Agreed(Decimal("0.05"), 5)
DUE = date(2026, 8, 1)


@pytest.mark.parametrize(
    ("state", "is_person", "cents"),
    [
        ("NY", False, 20_00),
        ("NY", True, 5_00),
        ("OH", True, 10_00),
        ("ND", False, 5_00),
        ("NJ", False, 6_00),
        ("NJ", True, 5_00),
        ("FL", False, 0),
        ("TX", False, 0),
        ("NC", False, 0),
        ("", False, 0),
    ],
)
def test_the_state_of_the_insured_caps_the_fee_or_forbids_it(state: str, is_person: bool, cents: int) -> None:
    assert late_fee_cents(400_00, FIVE, LateTerms(), late_rule(state), is_person=is_person) == cents


def test_the_least_of_agreement_agency_and_state_is_charged_and_nothing_that_was_not_agreed() -> None:
    ny = late_rule("NY")
    assert late_fee_cents(400_00, Agreed(Decimal("0.03"), 5), LateTerms(), ny, is_person=False) == 12_00
    assert late_fee_cents(400_00, FIVE, LateTerms(fee_rate=Decimal("0.02")), ny, is_person=False) == 8_00
    assert late_fee_cents(400_00, FIVE, LateTerms(fee_rate=Decimal("0.2")), ny, is_person=False) == 20_00
    assert late_fee_cents(400_00, NONE_AGREED, LateTerms(), ny, is_person=False) == 0
    assert late_fee_cents(400_00, FIVE, LateTerms(fee_is_charged=False), ny, is_person=False) == 0
    assert late_fee_cents(333_33, FIVE, LateTerms(), ny, is_person=False) == 16_66


def test_an_agreement_says_what_the_state_allows_on_the_day_it_is_signed() -> None:
    assert agree(LateTerms(), late_rule("IL"), is_person=False) == Agreed(Decimal("0.05"), 6)
    assert agree(LateTerms(), late_rule("NJ"), is_person=False) == Agreed(Decimal("0.015"), 10)
    assert agree(LateTerms(fee_rate=Decimal("0.02"), fee_after_days=20), late_rule("NY"), is_person=True) == Agreed(
        Decimal("0.02"), 20
    )
    assert agree(LateTerms(), late_rule("TX"), is_person=False) == NONE_AGREED
    assert agree(LateTerms(fee_is_charged=False), late_rule("NY"), is_person=False) == NONE_AGREED


def day(*tries: Try, is_on_autopay: bool = False, state: str = "NY") -> date | None:
    return late_fee_day(DUE, tries, FIVE, LateTerms(), late_rule(state), is_on_autopay=is_on_autopay)


def test_the_days_count_from_the_due_date() -> None:
    assert day() == date(2026, 8, 6)
    assert day(state="CA") == date(2026, 8, 11)
    assert day(state="TX") is None


def test_a_debit_begun_by_the_due_date_is_in_time_until_it_fails() -> None:
    begun, failed = date(2026, 8, 1), date(2026, 8, 6)
    assert day(Try(begun, failed, is_autopay=False, is_debit=True)) == date(2026, 8, 11)
    assert day(Try(date(2026, 8, 2), failed, is_autopay=False, is_debit=True)) == date(2026, 8, 6)
    assert day(Try(begun, begun, is_autopay=False, is_debit=False)) == date(2026, 8, 6)


def test_with_autopay_nothing_is_late_before_our_own_first_try_has_failed() -> None:
    assert day(is_on_autopay=True) is None
    first = Try(date(2026, 8, 4), date(2026, 8, 4), is_autopay=True, is_debit=False)
    again = Try(date(2026, 8, 7), date(2026, 8, 7), is_autopay=True, is_debit=False)
    assert day(first, again, is_on_autopay=True) == date(2026, 8, 9)


def test_a_payment_that_comes_back_costs_nothing_unless_set_and_never_more_than_the_state_allows() -> None:
    assert failed_fee_cents(LateTerms(), late_rule("CA")) == 0
    assert failed_fee_cents(LateTerms(failed_fee_cents=25_00), late_rule("CA")) == 15_00
    assert failed_fee_cents(LateTerms(failed_fee_cents=25_00), late_rule("NY")) == 0


@pytest.mark.parametrize(
    "entry",
    [
        None,
        "5 %",
        {"premium_finance": "5 %"},
        {"premium_finance": {"source": "x", "verified": False, "late_fee": {"percent": "5", "after_days": 5}}},
        {"premium_finance": {"source": "", "verified": True, "late_fee": {"percent": "5", "after_days": 5}}},
        {"premium_finance": {"source": "x", "verified": True, "late_fee": {"percent": "five", "after_days": 5}}},
        {"premium_finance": {"source": "x", "verified": True, "late_fee": {"percent": "5", "after_days": 0}}},
        {"premium_finance": {"source": "x", "verified": True, "late_fee": {"percent": "NaN", "after_days": 5}}},
    ],
)
def test_what_cannot_be_read_or_is_not_verified_is_a_no_that_says_why(entry: object) -> None:
    rule = read_late_rule("NY", entry)
    assert (rule.late_fee, rule.failed_most_cents) == (None, 0)
    assert "NY" in str(rule.why_no_late_fee)


def test_a_cap_without_a_figure_is_nothing() -> None:
    assert LateFeeCap(after_days=5).most_cents(400_00, is_person=False) == 0


@pytest.mark.parametrize(
    "wrong", [{"fee_rate": Decimal("0.26")}, {"fee_after_days": 0}, {"fee_after_days": 61}, {"failed_fee_cents": 50_01}]
)
def test_settings_out_of_all_proportion_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        LateTerms(**wrong)  # type: ignore[arg-type]
