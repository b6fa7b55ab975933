"""Whether a program can be financed, with each reason against it in plain words.

The limits are those that Ascend publishes for its financing. One policy that cannot be financed blocks its program.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.financing.schedule import Price, add_months

MOST_DAYS_PAST = 50
LEAST_MONTHS, MOST_MONTHS = 6, 12
LEAST_PREMIUM_CENTS = 250_00
CATASTROPHE = frozenset({"BLDRK", "FLOOD", "XFLOD", "WIND"})
"""Coverage codes of flood, wind and builder's risk."""


@dataclass(frozen=True, slots=True)
class FinancedPolicy:
    """A policy as a lender looks at it; `taxes_cents` can be financed, `fees_cents` are fully earned at once."""

    policy_number: str
    coverage_code: str
    effective_date: date
    expiration_date: date
    premium_cents: int
    taxes_cents: int
    fees_cents: int
    minimum_earned_rate: Decimal


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who would borrow: business or person, where, and who signs for a business."""

    kind: str
    state: str
    contact_first_name: str
    contact_last_name: str


def price_of(policies: Sequence[FinancedPolicy]) -> Price:
    """What the policies cost together."""
    return Price(
        sum(policy.premium_cents for policy in policies),
        sum(policy.taxes_cents for policy in policies),
        sum(policy.fees_cents for policy in policies),
    )


def reasons_against(applicant: Applicant, policies: Sequence[FinancedPolicy], today: date) -> list[Text]:
    """Why a program cannot be financed; nothing when it can.

    Args:
        policies: all of the program.
        today: where the agency is.
    """
    found = [reason for policy in policies for reason in _against_policy(policy, today)]
    if not policies:
        found.append(text("The program has no policy yet."))
    if applicant.kind == "business" and not (applicant.contact_first_name and applicant.contact_last_name):
        found.append(text("The business has no contact with a first and a last name yet, who could sign."))
    return found


def _against_policy(policy: FinancedPolicy, today: date) -> Iterator[Text]:
    number = policy.policy_number
    if (today - policy.effective_date).days > MOST_DAYS_PAST:
        yield text(
            "Policy %(number)s began more than %(days)s days ago, on %(day)s.",
            number=number,
            days=MOST_DAYS_PAST,
            day=policy.effective_date,
        )
    earliest, latest = (add_months(policy.effective_date, months) for months in (LEAST_MONTHS, MOST_MONTHS))
    if not earliest <= policy.expiration_date <= latest:
        yield text(
            "Policy %(number)s does not run for %(least)s to %(most)s months.",
            number=number,
            least=LEAST_MONTHS,
            most=MOST_MONTHS,
        )
    if policy.premium_cents < LEAST_PREMIUM_CENTS:
        yield text(
            "The premium of policy %(number)s is below %(least)s.",
            number=number,
            least=format_money(LEAST_PREMIUM_CENTS),
        )
    if policy.minimum_earned_rate >= 1:
        yield text("The premium of policy %(number)s is fully earned from the first day.", number=number)
    if policy.coverage_code in CATASTROPHE:
        yield text("Policy %(number)s covers flood, wind or builder's risk.", number=number)
