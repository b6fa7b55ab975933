"""Which installment bears a fee, from when on, and how much it is. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portal.core.money import percent_within
from portal.core.text import Text, text
from portal.financing.late.terms import LateTerms
from portal.reference.late_rules import LateRule

DUE_AFTER = timedelta(days=10)
"""A fee is due so long after it was charged."""
WAIVER_REASONS: dict[str, Text] = {
    "courtesy": text("Courtesy"),
    "our_mistake": text("Our mistake"),
    "hardship": text("The customer asked for it"),
    "other": text("Another reason"),
}


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a finance agreement says about a late fee.

    Args:
        rate: of the installment; 0: none.
        after_days: days after the due date.
    """

    rate: Decimal
    after_days: int


NONE_AGREED = Agreed(Decimal(0), 0)


@dataclass(frozen=True, slots=True)
class Try:
    """A payment of an installment that came to nothing.

    Args:
        begun_on, ended_on: the agency's calendar days; it ended when it failed or came back.
        is_autopay: we made it by ourselves.
        is_debit: by bank debit, which takes days.
    """

    begun_on: date
    ended_on: date
    is_autopay: bool
    is_debit: bool


def agree(terms: LateTerms, rule: LateRule, *, is_person: bool) -> Agreed:
    """What an agreement that is signed now says: the agency's rate, as far as the state allows it.

    >>> agree(LateTerms(), late_rule("IL"), is_person=False)
    Agreed(rate=Decimal('0.05'), after_days=6)
    """
    cap = rule.late_fee
    if not terms.fee_is_charged or cap is None:
        return NONE_AGREED
    percent = cap.commercial_percent if cap.commercial_percent is not None and not is_person else cap.percent
    rate = terms.fee_rate if percent is None else min(terms.fee_rate, percent / 100)
    return Agreed(rate, max(terms.fee_after_days, cap.after_days)) if rate else NONE_AGREED


def late_fee_cents(installment_cents: int, agreed: Agreed, terms: LateTerms, rule: LateRule, *, is_person: bool) -> int:
    """The late fee of an installment: the least of what was agreed, what the agency takes and what the state allows.

    >>> late_fee_cents(400_00, Agreed(Decimal("0.05"), 5), LateTerms(), late_rule("NY"), is_person=False)
    2000
    """
    if not terms.fee_is_charged or rule.late_fee is None:
        return 0
    wished = percent_within(installment_cents, min(agreed.rate, terms.fee_rate))
    return min(wished, rule.late_fee.most_cents(installment_cents, is_person=is_person))


def late_since(late_from: date, tries: Iterable[Try], *, is_on_autopay: bool) -> date | None:
    """From when the days count after which something follows; None while the delay is ours.

    They count from the due date, or from the day on which a debit failed that was begun by then. With autopay we are to
    charge: before our first try has failed nothing is late.

    Args:
        late_from: the due date. An installment can come later than it is due: nobody can pay what is not asked for yet,
            so it is the day on which it came then, as when the down payment took until after the first due date.
        tries: payments of it that came to nothing.
    """
    known = list(tries)
    ours = [one for one in known if one.is_autopay]
    if is_on_autopay and not ours:
        return None
    in_time = [one.ended_on for one in known if one.is_debit and one.begun_on <= late_from]
    first = min(ours, key=lambda one: one.begun_on).ended_on if ours else late_from
    return max(late_from, first, *in_time)


def late_fee_day(
    late_from: date, tries: Iterable[Try], agreed: Agreed, terms: LateTerms, rule: LateRule, *, is_on_autopay: bool
) -> date | None:
    """From which day on an installment that is still open bears a late fee; None while the delay is ours.

    Args:
        late_from: see `late_since`.
    """
    since = late_since(late_from, tries, is_on_autopay=is_on_autopay)
    if rule.late_fee is None or since is None:
        return None
    return since + timedelta(days=max(agreed.after_days, terms.fee_after_days, rule.late_fee.after_days))


def failed_fee_cents(terms: LateTerms, rule: LateRule) -> int:
    """What a payment of an installment that comes back costs.

    >>> failed_fee_cents(LateTerms(failed_fee_cents=2500), late_rule("CA"))
    1500
    """
    return min(terms.failed_fee_cents, rule.failed_most_cents)
