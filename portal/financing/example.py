"""What would be offered on one policy: every plan with its figures, the state's limit, and what stands against it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from portal.core.text import Text
from portal.financing.caps import most_charge
from portal.financing.eligibility import Applicant, FinancedPolicy, price_of
from portal.financing.offers import Lending, Plan, make_offers
from portal.financing.schedule import Schedule, Terms, add_months, make_schedule
from portal.reference.finance_rules import FinanceRule


@dataclass(frozen=True, slots=True)
class TriedPlan:
    """A plan that was tried.

    Args:
        down_payment_rate: what is asked for: the terms' own, or more where the plan needs it.
        schedule: its figures; None where the amount cannot be divided like that.
        most_charge_cents: the finance charge that the state allows; None where nothing is known of the state.
        reasons: what stands against it; without one it is offered.
    """

    plan: Plan
    down_payment_rate: Decimal
    schedule: Schedule | None
    most_charge_cents: int | None
    reasons: tuple[Text, ...]


def a_policy(premium_cents: int, begins: date) -> FinancedPolicy:
    """A general liability policy for a year, without taxes and fees, earned day by day."""
    return FinancedPolicy("GL-1", "CGL", begins, add_months(begins, 12), premium_cents, 0, 0, Decimal(0))


def try_plans(premium_cents: int, lending: Lending, rule: FinanceRule, today: date) -> Sequence[TriedPlan]:
    """Try every plan for `a_policy` that begins today, of a person in the rule's state."""
    return list(_tried(a_policy(premium_cents, today), lending, rule, today))


def _tried(policy: FinancedPolicy, lending: Lending, rule: FinanceRule, today: date) -> Iterator[TriedPlan]:
    person = Applicant("person", "", "", "")
    for plan in lending.plans:
        terms = Terms(lending.down_payment_rate, lending.note_rate, plan.installments, plan.months_between)
        found = make_offers(person, [policy], replace(lending, plans=(plan,)), rule, today)
        schedule: Schedule | None
        try:
            schedule = make_schedule(price_of([policy]), terms, today)
        except ValueError:
            schedule = None
        for offer in found.offers:
            terms, schedule = offer.terms, offer.schedule
        most = most_charge(rule.cap, schedule, terms) if rule.cap is not None and schedule is not None else None
        yield TriedPlan(plan, terms.down_payment_rate, schedule, most, found.reasons)
