"""What autopay does for an invoice on a day: announce it, charge it, ask for another method, leave it to staff. Pure.

The rule of announcements: nothing is charged that was not announced, and never more than the last announcement says.
What stood on the page of consent is announced by it. A mail announces it again three days before; once more when the
day, the method or the amount has changed since. More than was announced, or something new, is charged three days after
its mail at the earliest. What could not be charged for more than four days, because of us, is announced anew.
What the processor will not even begin is tried once a day, three times at most, and then left to staff.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from portal.payments.retries import Failed, may_retry_amount, verdict

KINDS = ("installment", "endorsement", "late_fee")
"""Invoices of a program that autopay pays, as its mandate says."""
NOTICE = timedelta(days=3)
LATE = timedelta(days=4)
"""So long after its day a charge that was our fault is made at once, as announced."""
REFUSED_DAYS = 3
"""On so many days the processor may refuse to begin a charge before it is left to staff for good."""


@dataclass(frozen=True, slots=True)
class Told:
    """The last announcement of a charge.

    Args:
        how: consent or mail.
        due_date: of the invoice, as it was then.
        amount_cents: the fee included.
        told_on: the day at the agency.
    """

    how: str
    due_date: date
    charge_on: date
    amount_cents: int
    method_id: int
    told_on: date


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an open invoice of a program on autopay.

    Args:
        amount_cents: what a charge would be now, the fee included.
        method_id: of the method in force; `can_charge`: it works, at the agency's present account.
        agreed_on: the day of the consent in force.
        asks: the bank has refused the method for good.
        is_held: a payment is under way.
        was_given_back: something paid it before, and it was taken back: a check bounced, a refund, a dispute.
        failed: tries by this consent, oldest first.
        refused_on: days on which the processor refused to begin one by this consent, oldest first.
    """

    due_date: date
    amount_cents: int
    method_id: int
    can_charge: bool
    agreed_on: date
    asks: bool
    is_held: bool
    was_given_back: bool
    told: Told | None
    failed: Sequence[Failed] = ()
    refused_on: Sequence[date] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What is done.

    Args:
        what: `announce` a charge for the day `on`; `charge` now; `ask` for another method; `leave` it to staff.
        why: of `leave`: given_back, method, refused or amount.
    """

    what: Literal["announce", "charge", "ask", "leave"]
    on: date
    why: str = ""


def decide(facts: Facts, today: date) -> Step | None:
    """What is to be done for an invoice now, or None.

    Args:
        today: the day at the agency.
    """
    if facts.is_held or facts.due_date < facts.agreed_on:
        return None
    if facts.was_given_back or not facts.can_charge:
        is_due = today >= facts.due_date
        return Step("leave", today, "given_back" if facts.was_given_back else "method") if is_due else None
    if facts.asks:
        return Step("ask", facts.due_date) if today <= facts.due_date and not facts.failed else None
    if facts.refused_on and (today == facts.refused_on[-1] or len(set(facts.refused_on)) >= REFUSED_DAYS):
        return Step("leave", today, "refused")
    again_on = None
    if facts.failed:
        then = verdict(facts.failed)
        if then.step != "retry" or then.on is None or today < then.on:
            return None
        if not may_retry_amount(facts.failed, facts.amount_cents):
            return Step("leave", today, "amount")
        again_on = then.on
    return _announced(facts, facts.told, again_on, today)


def _announced(facts: Facts, told: Told | None, again_on: date | None, today: date) -> Step | None:
    if told is None or _is_more(facts, told):
        return Step("announce", max(facts.due_date, today + NOTICE))
    charge_on = max(told.charge_on, again_on or told.charge_on)
    if today > charge_on + LATE:
        return Step("announce", today + NOTICE)
    if today >= charge_on:
        return Step("charge", today)
    if again_on is None and today >= charge_on - NOTICE and _is_stale(facts, told):
        return Step("announce", charge_on)
    return None


def _is_more(facts: Facts, told: Told) -> bool:
    """Something that the announcement did not say: another method or day, or a higher amount."""
    known = told.method_id == facts.method_id and told.due_date == facts.due_date
    return not known or facts.amount_cents > told.amount_cents


def _is_stale(facts: Facts, told: Told) -> bool:
    """Before its day: it is less than was announced, or only the page of consent has said it, longer ago."""
    return facts.amount_cents < told.amount_cents or (told.how == "consent" and told.told_on < told.charge_on - NOTICE)
