"""Every code of the import rules, by what makes it appear; and that all of them are found in one pass."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.policy_system.records import Company, CoverageTypeThere, LineItem, Person, PolicyThere, PostalAddress
from portal.policy_system.rules import RULES
from portal.policy_system.validate import (
    Known,
    Mapped,
    agency_failures,
    as_new_policy,
    endorsement_failures,
    is_business,
    is_refused,
    policy_failures,
)
from tests.factories.there import CHARGES, DANA, HILL_COUNTRY, ROOFER, SAM, endorsement_there, policy_there

KNOWN = Known(
    coverages={"CGL": Mapped("CGL", "General Liability")},
    carriers={"301": Mapped("35378", "Evanston Insurance Company")},
    marketing_companies={"77": Mapped("", "Sample Surplus Brokers")},
)


def insured(**changes: Any) -> PolicyThere:
    return policy_there(insured=replace(ROOFER, **changes))


def insured_at(**changes: Any) -> PolicyThere:
    return insured(address=replace(ROOFER.address, **changes))


def agency(**changes: Any) -> PolicyThere:
    return policy_there(agency=replace(HILL_COUNTRY, **changes))


def agency_at(**changes: Any) -> PolicyThere:
    return agency(address=replace(HILL_COUNTRY.address, **changes))


def agent(**changes: Any) -> PolicyThere:
    return policy_there(agent=replace(DANA, **changes))


def user(**changes: Any) -> PolicyThere:
    return policy_there(user=replace(SAM, **changes))


SPOILED: list[tuple[str, PolicyThere, str, str]] = [
    ("BHQ_BILLING_TYPE_UNSUPPORTED", policy_there(billing_type="direct_bill"), "policy.billing_type", "direct_bill"),
    ("BHQ_PREMIUM_NOT_POSITIVE", policy_there(line_items=(LineItem("fee", 50_00),)), "quote.line_items", "$0.00"),
    (
        "BHQ_SURPLUS_LINES_NOT_POSITIVE",
        policy_there(line_items=(*CHARGES[:2], LineItem("tax", 0, code="surplus_lines_tax"))),
        "quote.line_items",
        "$0.00",
    ),
    (
        "BHQ_CHARGE_NEGATIVE",
        policy_there(line_items=(*CHARGES, LineItem("fee", -5_00))),
        "quote.line_items",
        "fee -$5.00",
    ),
    ("BHQ_AGENCY_NAME_MISSING", agency(name="  "), "agency.name", "  "),
    ("BHQ_AGENCY_PHONE_MISSING", agency(phone=None), "agency.phone", ""),
    ("BHQ_AGENCY_STREET_MISSING", agency_at(line1=""), "agency.mailing_address.line1", ""),
    ("BHQ_AGENCY_CITY_MISSING", agency_at(city=None), "agency.mailing_address.city", ""),
    ("BHQ_AGENCY_STATE_MISSING", agency_at(state=None), "agency.mailing_address.state", ""),
    ("BHQ_AGENCY_ZIP_MISSING", agency_at(postal_code=" "), "agency.mailing_address.postal_code", " "),
    ("BHQ_INSURED_NAME_MISSING", insured(name=None), "insured.name", ""),
    ("BHQ_INSURED_EMAIL_MISSING", insured(email=""), "insured.email", ""),
    ("BHQ_INSURED_STREET_MISSING", insured_at(line1=None), "insured.accounting_address.line1", ""),
    ("BHQ_INSURED_CITY_MISSING", insured_at(city=""), "insured.accounting_address.city", ""),
    ("BHQ_INSURED_STATE_MISSING", insured_at(state=None), "insured.accounting_address.state", ""),
    ("BHQ_INSURED_ZIP_MISSING", insured_at(postal_code=None), "insured.accounting_address.postal_code", ""),
    ("BHQ_MGA_USER_EMAIL_MISSING", user(email=None), "user.email", ""),
    ("BHQ_MGA_USER_FIRST_NAME_MISSING", user(first_name=""), "user.first_name", ""),
    ("BHQ_MGA_USER_LAST_NAME_MISSING", user(last_name=None), "user.last_name", ""),
    ("BHQ_AGENT_EMAIL_MISSING", agent(email=None), "agent.email", ""),
    ("BHQ_AGENT_FIRST_NAME_MISSING", agent(first_name=None), "agent.first_name", ""),
    ("BHQ_AGENT_LAST_NAME_MISSING", agent(last_name=" "), "agent.last_name", " "),
    ("BHQ_INSURED_PHONE_INVALID", insured(phone="112-555-0142"), "insured.phone", "112-555-0142"),
    ("BHQ_MGA_USER_PHONE_INVALID", user(phone="555-0142"), "user.phone", "555-0142"),
    ("BHQ_AGENT_PHONE_INVALID", agent(phone="5125550142 x7"), "agent.phone", "5125550142 x7"),
    ("BHQ_POLICY_NUMBER_MISSING", policy_there(policy_number=None), "policy.policy_number", ""),
    ("BHQ_COVERAGE_TYPE_MISSING", policy_there(coverage_type=None), "policy.type", ""),
    ("BHQ_COVERAGE_TYPE_UNMAPPED", policy_there(coverage_type=CoverageTypeThere("9", "XYZ")), "policy.type", "XYZ"),
    ("BHQ_CARRIER_MISSING", policy_there(carrier=None), "policy.carrier", ""),
    ("BHQ_CARRIER_UNMAPPED", policy_there(carrier=Company("9", "Ninth")), "policy.carrier", "Ninth"),
    (
        "BHQ_MARKETING_COMPANY_UNMAPPED",
        policy_there(marketing_company=Company("9", "Ninth")),
        "policy.marketing_company",
        "Ninth",
    ),
    (
        "BHQ_TERM_INVALID",
        policy_there(expires_on=date(2026, 7, 1)),
        "policy.effective_date, policy.expiration_date",
        "2026-07-01 – 2026-07-01",
    ),
    (
        "BHQ_MIN_EARNED_MISSING",
        policy_there(minimum_earned_percent=Decimal(101)),
        "quote.minimum_earned_premium_percentage",
        "101",
    ),
    (
        "BHQ_COMMISSION_OUT_OF_RANGE",
        policy_there(agent_commission_percent=Decimal(18)),
        "quote.agent_commission_percentage",
        "18",
    ),
    ("BHQ_COMMISSION_BLANK", policy_there(agent_commission_percent=None), "quote.agent_commission_percentage", ""),
    ("BHQ_INSURED_CONTACT_NAME_NEEDED", insured(last_name=None), "insured.type", "Corporation"),
    ("BHQ_AGENCY_INACTIVE", agency(is_active=False, phone=None), "agency.active", "Hill Country Insurance Agency"),
    ("BHQ_AGENCY_MISSING", policy_there(agency=None), "policy.agency", ""),
    ("BHQ_LINE_ITEMS_DO_NOT_ADD_UP", policy_there(total_cents=12_849_04), "quote.line_items", "$12,849.03"),
    ("BHQ_EMAIL_INVALID", insured(email="ap at roofing"), "insured.email", "ap at roofing"),
    ("BHQ_ZIP_INVALID", agency_at(postal_code="7866"), "agency.mailing_address.postal_code", "7866"),
    ("BHQ_STATE_INVALID", insured_at(state="ZZ"), "insured.accounting_address.state", "ZZ"),
]
"""The code, a policy that has it alone, the field and the raw value."""
ELSEWHERE = {
    "BHQ_AGENCY_EMAIL_MISSING", "BHQ_VOID_HAS_PAYMENTS", "BHQ_VOID_FINANCED", "BHQ_REINSTATEMENT_NOT_SYNCED",
    "BHQ_AUTH_FAILED", "BHQ_UNAVAILABLE", "BHQ_CHANGED_AFTER_PAYMENT", "BHQ_MGA_USER_ARCHIVED",
    "BHQ_CANCELLATION_NOT_SYNCED", "BHQ_UNREADABLE", "BHQ_NOT_FOUND", "BHQ_NOT_APPLIED",
}  # fmt: skip
"""Codes with tests of their own, here or of the import."""


@pytest.mark.parametrize(("code", "policy", "field", "value"), SPOILED, ids=[row[0] for row in SPOILED])
def test_each_rule_by_its_code(code: str, policy: PolicyThere, field: str, value: str) -> None:
    (found,) = policy_failures(policy, KNOWN)
    assert (found.code, found.field, found.value) == (code, field, value)
    assert found.severity == RULES[code].severity
    assert "%(value)s" not in RULES[code].message.message or value in found.message


def test_no_rule_is_without_a_test() -> None:
    assert {row[0] for row in SPOILED} | ELSEWHERE == set(RULES)


def test_a_whole_record_has_nothing_against_it() -> None:
    assert policy_failures(policy_there(), KNOWN) == []
    assert policy_failures(policy_there(billing_type="agency_bill"), KNOWN) == []


def test_all_failures_are_found_in_one_pass() -> None:
    empty = policy_there(
        billing_type="direct_bill",
        line_items=(),
        policy_number=None,
        coverage_type=None,
        carrier=None,
        agency=None,
        agent=None,
        user=None,
        minimum_earned_percent=None,
        insured=replace(ROOFER, name=None, email=None, phone="1", address=PostalAddress()),
    )
    codes = [one.code for one in policy_failures(empty, KNOWN)]
    assert len(codes) == len(set(codes)) == 20
    assert codes[0] == "BHQ_BILLING_TYPE_UNSUPPORTED"
    assert is_refused(policy_failures(empty, KNOWN))


def test_an_agency_is_reached_by_its_own_address_or_by_its_agents() -> None:
    """BHQ_AGENCY_EMAIL_MISSING: neither is there."""
    without = replace(HILL_COUNTRY, email=None)
    assert agency_failures(without, DANA) == []
    assert [one.code for one in agency_failures(without, Person("1"))] == ["BHQ_AGENCY_EMAIL_MISSING"]


def test_somebody_archived_here_is_not_revived() -> None:
    """BHQ_MGA_USER_ARCHIVED."""
    known = replace(KNOWN, archived_staff=frozenset({"sam@mymga.example"}))
    assert [one.code for one in policy_failures(policy_there(), known)] == ["BHQ_MGA_USER_ARCHIVED"]


def test_surplus_lines_tax_is_asked_for_only_where_it_is_charged_or_the_agency_is_strict() -> None:
    untaxed = policy_there(line_items=CHARGES[:2])
    assert policy_failures(untaxed, KNOWN) == []
    strict = replace(KNOWN, strict_surplus_lines=True)
    assert [one.code for one in policy_failures(untaxed, strict)] == ["BHQ_SURPLUS_LINES_NOT_POSITIVE"]
    assert policy_failures(policy_there(), strict) == []


@pytest.mark.parametrize(
    ("charges", "severity"),
    [
        ((), "info"),
        ((LineItem("premium", 0),), "info"),
        ((LineItem("premium", -500_00),), "error"),
        ((LineItem("premium", 500_00), LineItem("fee", -500_00)), "error"),
    ],
    ids=["nothing", "non-premium", "return premium", "mixed, total not positive"],
)
def test_return_premium_negative_or_zero_endorsement(charges: tuple[LineItem, ...], severity: str) -> None:
    (found,) = endorsement_failures(endorsement_there(line_items=charges))
    assert (found.code, found.severity) == ("BHQ_PREMIUM_NOT_POSITIVE", severity)
    assert ("by hand" in found.message) == (severity == "error")


def test_an_endorsement_without_its_policy_is_checked_as_a_policy_of_its_own() -> None:
    alone = as_new_policy(endorsement_there(), policy_there(minimum_earned_percent=Decimal(30)))
    assert policy_failures(alone, KNOWN) == []
    assert (alone.effective_on, alone.policy_number) == (date(2026, 8, 15), "CPS 10442")
    assert sum(item.amount_cents for item in alone.quote.line_items) == 1_573_35
    assert alone.quote.minimum_earned_percent == Decimal(30)


def test_contact_names_are_asked_for_only_of_a_business_that_pays_itself() -> None:
    nameless = replace(ROOFER, first_name=None)
    assert policy_failures(policy_there(insured=nameless, billing_type="agency_bill"), KNOWN) == []
    assert policy_failures(policy_there(insured=replace(nameless, kind="Individual")), KNOWN) == []
    assert not is_refused(policy_failures(policy_there(insured=nameless), KNOWN))
    assert is_business(replace(ROOFER, kind="LLC"))
    assert not is_business(replace(ROOFER, kind=None))
