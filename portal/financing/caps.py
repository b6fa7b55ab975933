"""The most that a state lets an agreement cost, in dollars of its schedule."""

from portal.core.money import percent_within
from portal.financing.schedule import Schedule, Terms
from portal.reference.finance_rules import AddOn, Annual, Cap, TieredMonthly


def most_charge(cap: Cap, schedule: Schedule, terms: Terms) -> int:
    """The largest finance charge that a cap allows for a schedule, in cents; parts of a cent are dropped.

    An add-on is counted on the amount financed for the whole term; the others on what is unpaid in each period.
    """
    match cap:
        case AddOn():
            rate = cap.per_100_per_year / 100 * terms.months / 12
            return percent_within(schedule.amount_financed_cents, rate) + int(cap.flat * 100)
        case Annual():
            rate = cap.percent / 100 * terms.months_between / 12
            return sum(percent_within(owed, rate) for owed in _owed(schedule)) + int(cap.flat * 100)
        case TieredMonthly():
            return sum(_tiered(cap, owed) * terms.months_between for owed in _owed(schedule))


def is_within(cap: Cap, schedule: Schedule, terms: Terms) -> bool:
    """The schedule costs no more than the state allows."""
    return schedule.finance_charge_cents <= most_charge(cap, schedule, terms)


def _owed(schedule: Schedule) -> list[int]:
    """What is unpaid in each period."""
    return [one.balance_cents + one.principal_cents for one in schedule.installments]


def _tiered(cap: TieredMonthly, owed_cents: int) -> int:
    charge = below = 0
    for tier in cap.tiers:
        upto = owed_cents if tier.to is None else min(owed_cents, int(tier.to * 100))
        charge += percent_within(max(upto - below, 0), tier.percent / 100)
        below = max(upto, below)
    return charge
