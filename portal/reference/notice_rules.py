"""What a state says about the notice that goes before a cancelation for non-payment."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.core.text import Text, text
from portal.reference.state_rules import state_entries
from portal.reference.us_states import state_names

USUAL_DAYS = 10
"""Ten days' written notice recurs in every premium finance act that was read (AL, CA, FL, MS, UT)."""


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """The rule of a state.

    Args:
        days: that the notice gives at least, without those for the mail.
        why_not: why the portal makes no notice there, in plain words; None where it does.
        goes_to_producer: a copy goes to the insurance producer.
        cites: the statutes.
        source: where that was read; empty where there is no rule.
        is_verified: the source itself was read, and it names the days.
    """

    days: int
    why_not: Text | None = None
    goes_to_producer: bool = False
    cites: tuple[str, ...] = ()
    source: str = ""
    is_verified: bool = False


def notice_rule(state: str) -> NoticeRule:
    """The rule of a state by its two letters.

    >>> notice_rule("AL").days, notice_rule("NY").is_verified, notice_rule("FL").why_not is None
    (10, False, False)
    """
    return read_notice_rule(state, state_entries().get(state))


def notice_rules() -> list[tuple[str, NoticeRule]]:
    """The rules of all states and territories by their code."""
    return [(code, notice_rule(code)) for code in sorted(state_names())]


def read_notice_rule(state: str, entry: object) -> NoticeRule:
    """Read a state's entry of state_rules.json with care; never raises. Where it names no days, the usual ones hold.

    Args:
        state: two letters.
        entry: what the file holds for it; None if nothing.
    """
    rule = entry.get("premium_finance") if isinstance(entry, Mapping) else None
    if not isinstance(rule, Mapping):
        return NoticeRule(USUAL_DAYS)
    cites, days = rule.get("cites"), rule.get("notice_of_intent_days")
    why_not = None
    if "notice_text_rule" in rule:
        why_not = text("%(state)s asks for words on the notice that this portal does not print.", state=state)
    elif days is not None and (not isinstance(days, int) or not 1 <= days <= 90):
        why_not = text("The rule of %(state)s about notices cannot be read.", state=state)
    is_read = isinstance(days, int) and why_not is None
    return NoticeRule(
        max(days, USUAL_DAYS) if isinstance(days, int) and is_read else USUAL_DAYS,
        why_not,
        rule.get("notice_also_to") == "insurance producer",
        tuple(map(str, cites)) if isinstance(cites, list) else (),
        str(rule.get("source") or ""),
        is_read and rule.get("verified") is True,
    )
