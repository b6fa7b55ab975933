"""The plans that can be offered for a program, each worked out, or why there are none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from portal.core.text import Text, text
from portal.financing.caps import is_within
from portal.financing.eligibility import Applicant, FinancedPolicy, price_of, reasons_against
from portal.financing.exposure import Cover, Exposure, covering_rate, exposures
from portal.financing.schedule import Schedule, Spacing, Terms, make_schedule
from portal.reference.finance_rules import FinanceRule

LEAST_DOWN, MOST_DOWN = Decimal("0.05"), Decimal("0.90")
"""Between these a down payment leaves something to finance, and secures it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A number of installments after the down payment, and the months between them."""

    installments: int
    months_between: Spacing = 1


def write_plan(installments: int, months_between: Spacing) -> str:
    """A plan as it is kept: "9x1" are nine installments a month apart."""
    return f"{installments}x{months_between}"


@dataclass(frozen=True, slots=True)
class Lending:
    """What an agency, or one program of it, lends on.

    Args:
        down_payment_rate: of premium and financed taxes; see `make_offers` for when more is asked for.
        note_rate: interest a year.
        plans: what may be chosen.
        grace_days: from a missed installment until the notice.
        notice_days: from the notice until cover ends.
    """

    down_payment_rate: Decimal
    note_rate: Decimal
    plans: tuple[Plan, ...]
    grace_days: int = 5
    notice_days: int = 10


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan with its terms and figures; `first_day` is when the loan begins."""

    terms: Terms
    schedule: Schedule
    first_day: date

    @property
    def plan(self) -> str:
        """The plan as it is kept and chosen: "9x1"."""
        return write_plan(self.terms.installments, self.terms.months_between)


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be chosen; without an offer the reasons say why, in plain words."""

    offers: tuple[Offer, ...]
    reasons: tuple[Text, ...]


def make_offers(
    applicant: Applicant, policies: Sequence[FinancedPolicy], lending: Lending, rule: FinanceRule, today: date
) -> Offers:
    """Work out every plan.

    Where installments are further apart than a month, more is owed on the day when one is missed. The down payment then
    rises to the least whole percentage with which the unearned premium covers the loan, as Ascend publishes: "APR and
    downpayment may increase due to choosing a lower number of installments" (help center, "Modify loan terms"). Monthly
    plans keep the down payment that the agency has set, and are not offered where it is too low.

    Args:
        rule: of the applicant's state.
        today: where the agency is.
    """
    reasons = reasons_against(applicant, policies, today)
    if rule.cap is None:
        reasons.append(rule.reason)
    if reasons:
        return Offers((), tuple(reasons))
    tried = [_offer(policies, plan, lending, rule) for plan in lending.plans]
    offers = tuple(one for one in tried if isinstance(one, Offer))
    against = tuple({one.message: one for one in tried if isinstance(one, Text)}.values())
    return Offers(offers, () if offers else against or (text("The agency offers no plan of installments."),))


def _offer(policies: Sequence[FinancedPolicy], plan: Plan, lending: Lending, rule: FinanceRule) -> Offer | Text:
    assert rule.cap is not None
    terms = Terms(lending.down_payment_rate, lending.note_rate, plan.installments, plan.months_between)
    first_day = min(policy.effective_date for policy in policies)
    price = price_of(policies)
    try:
        schedule = make_schedule(price, terms, first_day)
        if schedule.installments[-1].due_date >= min(policy.expiration_date for policy in policies):
            return text("The last installment would be due after a policy has expired.")
        found = _exposures(policies, schedule, lending)
        while (raised := _raised(terms, found)) is not None:
            terms = replace(terms, down_payment_rate=raised)
            schedule = make_schedule(price, terms, first_day)
            found = _exposures(policies, schedule, lending)
    except ValueError:
        return text("The amount is too small to be divided into installments.")
    if not is_within(rule.cap, schedule, terms):
        return text("The interest would be above what the state allows.")
    if not all(one.is_covered for one in found):
        return text("The down payment is too low: so much of the premium is earned early that the loan is not covered.")
    return Offer(terms, schedule, first_day)


def _raised(terms: Terms, found: Sequence[Exposure]) -> Decimal | None:
    """The higher down payment that terms need, where it may rise: None where it stays."""
    raised = covering_rate(terms.down_payment_rate, found) if terms.months_between > 1 else None
    return raised if raised is not None and terms.down_payment_rate < raised <= MOST_DOWN else None


def _exposures(policies: Sequence[FinancedPolicy], schedule: Schedule, lending: Lending) -> list[Exposure]:
    covers = [
        Cover(one.premium_cents, one.minimum_earned_rate, one.effective_date, one.expiration_date) for one in policies
    ]
    return exposures(schedule, covers, lending.grace_days, lending.notice_days)
