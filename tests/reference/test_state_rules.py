"""State rules about card fees: a fee only where a verified source allows it, else none, with the reason."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

import portal.reference.state_rules
from portal.reference.state_rules import MET_HERE, fee_rule, read_fee_rule, strictest

FILE = Path(portal.reference.state_rules.__file__).parent / "state_rules.json"
ALLOWED = {"allowed": True, "source": "a statute", "verified": True}


def test_every_entry_names_its_source_and_whether_it_is_verified() -> None:
    states = json.loads(FILE.read_text(encoding="utf-8"))["states"]
    assert len(states) == 53
    for state, topics in states.items():
        for topic, entry in topics.items():
            assert entry["source"], (state, topic)
            assert isinstance(entry["verified"], bool), (state, topic)


@pytest.mark.parametrize("state", ["CA", "CT", "MA", "ME", "OK", "PR"])
def test_states_that_forbid_it(state: str) -> None:
    rule = fee_rule(state)
    assert not rule.is_allowed
    assert str(rule.reason) == f"{state} does not allow a fee for paying by card."


def test_states_that_allow_it() -> None:
    for state in ("NC", "NY"):
        assert fee_rule(state).is_allowed
        assert fee_rule(state).most_rate == Decimal("0.03")


def test_a_condition_that_the_portal_does_not_meet_is_a_no() -> None:
    assert not fee_rule("CO").is_allowed
    assert "notice" in str(fee_rule("CO").reason)
    assert "posted_notice" not in MET_HERE


@pytest.mark.parametrize("state", ["TX", "", "ZZ", "nc"])
def test_a_state_without_a_rule_is_a_no(state: str) -> None:
    assert not fee_rule(state).is_allowed
    assert "no rule" in str(fee_rule(state).reason)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (None, "no rule"),
        ({}, "no rule"),
        ("prohibited", "cannot be read"),
        ({"card_surcharge": "allowed to 2%"}, "cannot be read"),
        ({"card_surcharge": {"allowed": "yes", "source": "x", "verified": True}}, "cannot be read"),
        ({"card_surcharge": {**ALLOWED, "most_pct": "two"}}, "cannot be read"),
        ({"card_surcharge": {**ALLOWED, "most_pct": 2.0}}, "cannot be read"),
        ({"card_surcharge": {**ALLOWED, "most_pct": "NaN"}}, "cannot be read"),
        ({"card_surcharge": {**ALLOWED, "most_pct": "-1"}}, "cannot be read"),
        ({"card_surcharge": {**ALLOWED, "needs": "posted_notice"}}, "cannot be read"),
        ({"card_surcharge": {**ALLOWED, "needs": ["unheard_of"]}}, "notice"),
        ({"card_surcharge": {**ALLOWED, "verified": False}}, "not verified"),
        ({"card_surcharge": {**ALLOWED, "verified": "true"}}, "not verified"),
        ({"card_surcharge": {"allowed": True, "verified": True}}, "not verified"),
    ],
)
def test_what_cannot_be_trusted_is_a_no_with_its_reason(entry: object, words: str) -> None:
    rule = read_fee_rule("XX", entry)
    assert not rule.is_allowed
    assert rule.most_rate == 0
    assert words in str(rule.reason)
    assert "XX" in str(rule.reason)


def test_a_cap_of_the_state_or_else_of_the_networks() -> None:
    assert read_fee_rule("XX", {"card_surcharge": {**ALLOWED, "most_pct": "2.0"}}).most_rate == Decimal("0.02")
    assert read_fee_rule("XX", {"card_surcharge": {**ALLOWED, "most_pct": "9"}}).most_rate == Decimal("0.03")
    assert read_fee_rule("XX", {"card_surcharge": ALLOWED}).most_rate == Decimal("0.03")


def test_of_several_states_the_strictest_counts() -> None:
    assert strictest(["NC", "NY"]).is_allowed
    assert not strictest(["NC", "NY", "MA"]).is_allowed
    assert not strictest([]).is_allowed


def test_a_damaged_file_is_a_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for content in ("{", "[]", '{"states": []}', '"x"'):
        (tmp_path / "state_rules.json").write_text(content)
        monkeypatch.setattr(portal.reference.state_rules, "__file__", str(tmp_path / "state_rules.py"))
        portal.reference.state_rules.state_entries.cache_clear()
        assert not fee_rule("NC").is_allowed
    monkeypatch.undo()
    portal.reference.state_rules.state_entries.cache_clear()
    assert fee_rule("NC").is_allowed
