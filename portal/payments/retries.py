"""When a failed autopay charge is tried again, and when it is not. Pure.

Soft declines are tried again 1, 3 and 5 days after the due date, fewer times where the bank's answer promises less.
What only another card or account can mend is not tried again: the insured is asked for one. Bank debits are tried
again after R01 and R09 alone, at most twice, within 180 days, for the same amount (Nacha Operating Rules 2.13.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from portal.payments.method_kinds import BANK_DEBIT
from portal.reference.bank_returns import find_return
from portal.reference.declines import find_decline

DAYS_BETWEEN = (1, 2, 2)
"""Days from one failure to the next try: so tries fall 1, 3 and 5 days after the first, if each runs on its day."""
CARD_RETRIES = {"yes_later": 3, "yes_limited": 2, "yes_once": 1}
"""By what the reference data say of a decline; whatever else they say is not tried again."""
BANK_RETRIES = 2
BANK_WINDOW = timedelta(days=180)
FAILED_IN_A_ROW = 3
"""So many due dates one after the other on which nothing was paid turn autopay off, whatever the reasons were."""


@dataclass(frozen=True, slots=True)
class Failed:
    """One try that failed.

    Args:
        method_kind: the processor's word.
        code: why, as the bank or the processor said.
        begun_on, failed_on: days at the agency.
        amount_cents: what was to be charged, the fee included.
    """

    method_kind: str
    code: str | None
    begun_on: date
    failed_on: date
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from a failure.

    Args:
        step: `retry` on the day `on`; `in_person`: not tried again, the insured pays this one; `ask`: nothing is
            charged until they choose another method; `off`: autopay ends.
    """

    step: Literal["retry", "in_person", "ask", "off"]
    on: date | None = None


def verdict(tries: Sequence[Failed], failed_in_a_row: int = 1) -> Verdict:
    """What follows from the last of the tries.

    Args:
        tries: all that failed for this invoice by the consent in force, oldest first; at least one.
        failed_in_a_row: due dates in a row on which nothing was paid by that consent, this one included.

    >>> first = Failed("card", "insufficient_funds", date(2026, 8, 1), date(2026, 8, 1), 40_000)
    >>> verdict([first])
    Verdict(step='retry', on=datetime.date(2026, 8, 2))
    >>> verdict([first] * 4).step, verdict([first], failed_in_a_row=3).step
    ('off', 'off')
    """
    last = tries[-1]
    if failed_in_a_row >= FAILED_IN_A_ROW:
        return Verdict("off")
    if last.method_kind == BANK_DEBIT:
        return _of_debit(tries)
    decline = find_decline(last.code)
    if decline.retry == "no_offsession":
        return Verdict("in_person")
    most = CARD_RETRIES.get(decline.retry, 0)
    if len(tries) <= most:
        return Verdict("retry", _next_day(tries))
    return Verdict("off" if len(tries) >= FAILED_IN_A_ROW else "ask")


def may_retry_amount(tries: Sequence[Failed], amount_cents: int) -> bool:
    """Whether a further try may be for this amount: a card's for less, too; a debit's for the same only.

    >>> debit = Failed("us_bank_account", "R01", date(2026, 8, 1), date(2026, 8, 5), 40_000)
    >>> may_retry_amount([debit], 40_000), may_retry_amount([debit], 30_000), may_retry_amount([], 1)
    (True, False, True)
    """
    return not tries or tries[0].method_kind != BANK_DEBIT or amount_cents == tries[0].amount_cents


def _of_debit(tries: Sequence[Failed]) -> Verdict:
    last = tries[-1]
    returned = find_return(last.code)
    if returned.retry != "yes":
        return Verdict("ask")
    on = _next_day(tries) if len(tries) <= returned.max_retries else None
    if on is None or on - tries[0].begun_on > BANK_WINDOW:
        return Verdict("off")
    return Verdict("retry", on)


def _next_day(tries: Sequence[Failed]) -> date:
    return tries[-1].failed_on + timedelta(days=DAYS_BETWEEN[len(tries) - 1])
