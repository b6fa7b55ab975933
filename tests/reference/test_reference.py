"""The reference data and its readers."""

import pytest

from portal.reference.carriers import carriers, find_carrier
from portal.reference.coverages import coverage_types, find_coverage
from portal.reference.declines import decline_message, find_decline


def test_carriers_have_distinct_five_digit_codes() -> None:
    codes = [carrier.naic_code for carrier in carriers()]
    assert len(codes) == len(set(codes)) > 150
    assert all(len(code) == 5 and code.isdigit() for code in codes)
    assert "99999" not in codes


@pytest.mark.parametrize(
    "typed",
    [
        "Hanover Insurance Company, The",
        "The Hanover Insurance Company",
        "HANOVER INS. CO.",
        "hanover insurance company",
    ],
)
def test_a_carrier_is_found_however_its_name_is_written(typed: str) -> None:
    carrier = find_carrier(typed)
    assert carrier is not None
    assert carrier.naic_code == "22292"


def test_the_code_goes_before_the_name() -> None:
    carrier = find_carrier("whatever", "19437")
    assert carrier is not None
    assert carrier.name == "Lexington Insurance Company"
    assert find_carrier("Company of Nowhere") is None


def test_coverages_by_code_or_name() -> None:
    assert len({kind.code for kind in coverage_types()}) == len(coverage_types())
    for typed in ("cgl", "General Liability", " CGL "):
        coverage = find_coverage(typed)
        assert coverage is not None
        assert coverage.name == "General Liability"
    assert find_coverage("ZZZ") is None


def test_a_payer_never_learns_why_a_card_is_blocked() -> None:
    plain = decline_message("generic_decline")
    for code in ("lost_card", "stolen_card", "fraudulent", "pickup_card", "merchant_blacklist", "never heard of", None):
        assert decline_message(code) == plain


def test_declines_say_what_helps() -> None:
    assert "enough funds" in str(decline_message("insufficient_funds"))
    assert find_decline("expired_card").card_needs_update
    assert find_decline("stolen_card").retry == "never"
