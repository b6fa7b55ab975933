"""Whether a state lets a payer be charged for paying by card. What we cannot read or have not verified is a no."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import TypedDict

from portal.core.text import Text, text

MET_HERE = frozenset({"shown_before_paying", "total_by_card_posted", "at_most_cost"})
"""The conditions of states that the payment pages meet: fee and total stand there before a method is chosen.

`at_most_cost` is kept by charging no more than the plain percentage of the amount (portal/payments/fees.py) and by
the agency, which enters what its processor charges. A posted notice in a statute's own words is not shown.
"""
NETWORK_MOST_RATE = Decimal("0.03")
"""Visa's cap, the lower one of the card networks (state_rules.json, defaults)."""


@dataclass(frozen=True, slots=True)
class FeeRule:
    """What a state says about a fee for paying.

    Args:
        is_allowed: only where a verified source says so, and the portal meets its conditions.
        most_rate: the most that the fee may be of the amount: 0.03 is 3 %.
        reason: why, in plain words.
        source: where that is written; empty where there is no rule.
        is_verified: the source itself was read.
    """

    is_allowed: bool
    most_rate: Decimal
    reason: Text
    source: str = ""
    is_verified: bool = False


def fee_rule(state: str) -> FeeRule:
    """The rule of a state by its two letters.

    >>> fee_rule("NC").is_allowed, fee_rule("MA").is_allowed, fee_rule("").is_allowed
    (True, False, False)
    """
    return read_fee_rule(state, state_entries().get(state))


def fee_rules() -> list[tuple[str, FeeRule]]:
    """The rules of all states that we have one of, by the state's code."""
    entries = state_entries()
    written = [code for code, entry in entries.items() if isinstance(entry, Mapping) and "card_surcharge" in entry]
    return [(code, fee_rule(code)) for code in sorted(written)]


def strictest(states: Iterable[str]) -> FeeRule:
    """One rule for several states: a no of any is a no, else the lowest cap.

    >>> strictest(["NC", "NY"]).most_rate, strictest(["NC", "CT"]).is_allowed, strictest([]).is_allowed
    (Decimal('0.03'), False, False)
    """
    rules = [fee_rule(state) for state in sorted(set(states))]
    if not rules:
        return fee_rule("")
    return min(rules, key=lambda rule: (rule.is_allowed, rule.most_rate))


def read_fee_rule(state: str, entry: object) -> FeeRule:
    """Read a state's entry of state_rules.json with care, and where it comes from; never raises.

    Args:
        state: two letters.
        entry: what the file holds for it; None if nothing.
    """
    rule = entry.get("card_surcharge") if isinstance(entry, Mapping) else entry
    read = _read(state, rule)
    if not isinstance(rule, Mapping):
        return read
    named = [str(rule[name]) for name in ("cite", "source") if rule.get(name)]
    return replace(read, source="; ".join(named), is_verified=rule.get("verified") is True)


def _read(state: str, rule: object) -> FeeRule:
    if rule is None:
        return _no(text("We have no rule about card fees for “%(state)s”. No fee is charged there.", state=state))
    needs = rule.get("needs", []) if isinstance(rule, Mapping) else None
    if not isinstance(rule, Mapping) or not isinstance(rule.get("allowed"), bool) or not isinstance(needs, list):
        return _no(_unreadable(state))
    if not rule["allowed"]:
        return _no(text("%(state)s does not allow a fee for paying by card.", state=state))
    if rule.get("verified") is not True or not rule.get("source"):
        return _no(text("The rule of %(state)s about card fees is not verified. No fee is charged there.", state=state))
    if not MET_HERE.issuperset(map(str, needs)):
        return _no(text("%(state)s asks for a notice that this portal does not show. No fee is charged.", state=state))
    most = _rate(rule.get("most_pct"))
    if most is None:
        return _no(_unreadable(state))
    return FeeRule(True, min(most, NETWORK_MOST_RATE), text("%(state)s allows a fee on credit cards.", state=state))


def _rate(percent: object) -> Decimal | None:
    """A cap as a rate; the networks' where the state has none; None if it cannot be read."""
    if percent is None:
        return NETWORK_MOST_RATE
    try:
        rate = Decimal(percent) / 100 if isinstance(percent, str) else Decimal(-1)
    except InvalidOperation:
        return None
    return rate if rate.is_finite() and 0 <= rate <= 1 else None


def _no(reason: Text) -> FeeRule:
    return FeeRule(False, Decimal(0), reason)


def _unreadable(state: str) -> Text:
    return text("The rule of %(state)s about card fees cannot be read. No fee is charged there.", state=state)


@cache
def state_entries() -> Mapping[str, object]:
    """The states of state_rules.json; none if it is damaged, so that no fee is charged."""
    try:
        read = json.loads((Path(__file__).parent / "state_rules.json").read_text(encoding="utf-8"))
        states = read["states"]
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return states if isinstance(states, dict) else {}


class Origin(TypedDict):
    """Where a rule comes from: the statutes, where they were read, and whether the source itself was."""

    cites: tuple[str, ...]
    source: str
    is_verified: bool


def origin_of(rule: Mapping[str, object]) -> Origin:
    """Where a rule of the file comes from, as far as it says so."""
    cites = rule.get("cites")
    return Origin(
        cites=tuple(map(str, cites)) if isinstance(cites, list) else (),
        source=str(rule.get("source") or ""),
        is_verified=rule.get("verified") is True,
    )
