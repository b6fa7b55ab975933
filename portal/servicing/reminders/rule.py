"""Which reminder is due on a day. Pure: the days that are set and what is stored in, a step or none out."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta

CATCH_UP = timedelta(days=4)
"""For so long a mail that was not sent on its day is made up for."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an invoice: a stable name, "before.3" or "after.5", and the day it falls on."""

    name: str
    day: date

    @property
    def is_overdue(self) -> bool:
        """Whether it comes after the due date."""
        return self.name.startswith("after.")


def step_on(due: date, day: date, before: Sequence[int], after: Sequence[int]) -> Step | None:
    """The step that an invoice has reached by a day: the latest one, and no reminder once the due date is over.

    It depends on the due date alone, so all invoices that are due on one day have the same. An earlier step that was
    never sent is passed over for good as soon as there is a later one.

    Args:
        due: the due date.
        day: the day at the agency.
        before, after: the days that are switched on, counted from the due date.

    >>> step_on(date(2026, 8, 10), date(2026, 8, 8), (7, 3, 1), (1, 5))
    Step(name='before.3', day=datetime.date(2026, 8, 7))
    """
    if day <= due:
        reached = [days for days in before if due - timedelta(days=days) <= day]
        if not reached:
            return None
        found = Step(f"before.{min(reached)}", due - timedelta(days=min(reached)))
    else:
        reached = [days for days in after if due + timedelta(days=days) <= day]
        if not reached:
            return None
        found = Step(f"after.{max(reached)}", due + timedelta(days=max(reached)))
    return found if day - found.day <= CATCH_UP else None


def counts_from(arrived_on: date, changed_on: date | None, tried_on: date | None) -> date:
    """The first day whose steps count for an invoice: nobody is written to for what lies before.

    Args:
        arrived_on: when it came into the portal; no mail on that day, so that importing never mails.
        changed_on: when the agency changed its settings; None if it never did.
        tried_on: when a payment of it last failed or went back; they were told then.
    """
    first = arrived_on + timedelta(days=1)
    return max([first, *(day for day in (changed_on, tried_on) if day is not None)])


def link_on(first_on: date, day: date, days: Sequence[int], sent: Set[int]) -> int | None:
    """Which mail of a payment link is due: its day, counted from the first; None if none is.

    Args:
        first_on: the day it was started.
        day: the day at the agency.
        days: on which it is sent, in order.
        sent: those that were.
    """
    reached = [number for number in days if first_on + timedelta(days=number) <= day]
    if not reached or any(number >= reached[-1] for number in sent):
        return None
    late = day - (first_on + timedelta(days=reached[-1]))
    return reached[-1] if late <= CATCH_UP else None
