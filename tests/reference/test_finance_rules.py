"""State rules about premium finance: nothing is offered where we cannot be sure."""

import pytest

from portal.reference.finance_rules import AddOn, Annual, TieredMonthly, finance_rule, read_finance_rule

KNOWN = {"source": "a statute", "verified": True, "cap": {"kind": "annual", "percent": "20", "flat": "5.00"}}


@pytest.mark.parametrize(
    ("state", "kind"),
    [("NY", AddOn), ("NC", AddOn), ("FL", AddOn), ("IL", AddOn), ("AK", Annual), ("MT", Annual), ("CA", TieredMonthly)],
)
def test_states_with_a_limit(state: str, kind: type) -> None:
    rule = finance_rule(state)
    assert isinstance(rule.cap, kind)
    assert str(rule.reason) == f"{state} limits what financing may cost, and we keep to it."
    assert rule.cites


def test_florida_taxes_the_agreement_and_knows_the_rule_of_78() -> None:
    rule = finance_rule("FL")
    assert (rule.stamp_tax_per_100_cents, rule.stamp_tax_most_cents) == (35, 2450_00)
    assert rule.allows_rule_of_78
    assert not finance_rule("NY").allows_rule_of_78
    assert finance_rule("NY").stamp_tax_per_100_cents == 0


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("TX", "The rule of TX about premium finance is not verified."),
        ("AL", "We know no limit of AL for what financing may cost."),
        ("NJ", "We know no limit of NJ for what financing may cost."),
        ("GA", "We know no limit of GA for what financing may cost."),
        ("NV", "We have no rule about premium finance for “NV”."),
        ("", "We have no rule about premium finance for “”."),
    ],
)
def test_states_where_nothing_is_offered(state: str, words: str) -> None:
    rule = finance_rule(state)
    assert rule.cap is None
    assert str(rule.reason) == words


def test_a_whole_entry_is_read() -> None:
    assert read_finance_rule("ZZ", {"premium_finance": KNOWN}).cap is not None


@pytest.mark.parametrize(
    "change",
    [
        {"verified": "no idea"},
        {"source": ""},
        {"cap": "12 USD per 100"},
        {"cap": {"kind": "unheard of", "percent": "20"}},
        {"cap": {"kind": "annual", "percent": "NaN", "flat": "0"}},
        {"cap": {"kind": "annual", "percent": "-1", "flat": "0"}},
        {"cap": {"kind": "annual", "percent": "20"}},
        {"cap": {"kind": "tiered_monthly", "tiers": []}},
        {"stamp_tax": {"per_100_or_part": "a little"}},
    ],
)
def test_a_damaged_entry_offers_nothing(change: dict[str, object]) -> None:
    rule = read_finance_rule("ZZ", {"premium_finance": {**KNOWN, **change}})
    assert rule.cap is None
    assert str(rule.reason) == "The rule of ZZ about premium finance cannot be read."


@pytest.mark.parametrize("entry", [[], "prohibited", 3, {"premium_finance": ["12"]}])
def test_an_entry_of_another_shape_offers_nothing(entry: object) -> None:
    assert read_finance_rule("ZZ", entry).cap is None
