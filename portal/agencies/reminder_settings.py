"""When an agency reminds its customers: which days before and after a due date, at which hour, which links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped

from portal.core.db import Base
from portal.core.errors import BadInput
from portal.core.tenancy import Scoped, Tenant, tenant_table
from portal.core.text import text

FIRST_HOUR, LAST_HOUR = 6, 20
"""The hours of the day, at the agency, in which the first reminder may leave."""
MOST_BEFORE, MOST_AFTER, MOST_LINK = 60, 60, 30
"""The farthest days."""


@dataclass(frozen=True, slots=True)
class Step:
    """One mail: so many days before or after a due date, or after a link was first sent."""

    days: int
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class Reminding:
    """What an agency has set.

    Args:
        hour: from which on mails leave, by the agency's clock.
        before: the steps before a due date; 0 is the day itself.
        after: those after it.
        link: those of a payment link that staff send, counted from its first day; the first one is always 0.
        changed_on: a step of an earlier day is not made up for; None when nothing was ever changed.

    Raises:
        BadInput: a day out of reach, two steps on one day, a link that is not sent at once.
    """

    hour: int = 9
    before: tuple[Step, ...] = (Step(20), Step(7), Step(3), Step(2), Step(1), Step(0))
    after: tuple[Step, ...] = (Step(1), Step(5), Step(10), Step(20, False), Step(30, False))
    link: tuple[Step, ...] = (Step(0), Step(2), Step(4))
    changed_on: date | None = None

    def __post_init__(self) -> None:
        """See that it can be followed."""
        if not FIRST_HOUR <= self.hour <= LAST_HOUR:
            raise BadInput(text("Choose an hour between 6 a.m. and 8 p.m."))
        _check(self.before, 0, MOST_BEFORE)
        _check(self.after, 1, MOST_AFTER)
        _check(self.link, 0, MOST_LINK)
        if not self.link or self.link[0] != Step(0):
            raise BadInput(text("A payment link is always sent at once, when it is started."))

    @property
    def days_before(self) -> tuple[int, ...]:
        """The days before a due date on which mail leaves."""
        return _on(self.before)

    @property
    def days_after(self) -> tuple[int, ...]:
        """The days after it."""
        return _on(self.after)

    @property
    def link_days(self) -> tuple[int, ...]:
        """The days of a payment link, from its first."""
        return tuple(sorted(_on(self.link)))


class ReminderSettings(Tenant, Base):
    """An agency's own; without a row the usual ones hold. `steps` has lists of [days, whether on] by their name."""

    __tablename__ = "reminder_settings"
    __table_args__ = tenant_table(UniqueConstraint("agency_id"))

    hour: Mapped[int]
    steps: Mapped[dict[str, Any]]
    changed_on: Mapped[date]


def reminding_of(session: Scoped) -> Reminding:
    """What the agency has set; the usual where it has set nothing."""
    row = session.scalars(select(ReminderSettings)).one_or_none()
    if row is None:
        return Reminding()
    read = {name: tuple(Step(days, is_on) for days, is_on in steps) for name, steps in row.steps.items()}
    return Reminding(row.hour, read["before"], read["after"], read["link"], row.changed_on)


def set_reminding(session: Scoped, wished: Reminding, today: date) -> dict[str, Any]:
    """Store it, for mails from now on.

    Args:
        session: a write unit.
        wished: its `changed_on` does not matter.
        today: the day at the agency.

    Returns:
        What changed, for the audit: name -> "before → after"; empty if nothing did.
    """
    before, after = said(reminding_of(session)), said(wished)
    changes = {name: f"{before[name]} → {after[name]}" for name in after if before[name] != after[name]}
    if not changes:
        return changes
    row = session.scalars(select(ReminderSettings)).one_or_none()
    if row is None:
        row = ReminderSettings()
        session.add(row)
    row.hour, row.changed_on = wished.hour, today
    row.steps = {
        name: [[step.days, step.is_on] for step in steps]
        for name, steps in (("before", wished.before), ("after", wished.after), ("link", wished.link))
    }
    session.flush()
    return changes


def said(reminding: Reminding) -> Mapping[str, str]:
    """The settings in a few words each, for the audit.

    >>> said(Reminding())["days_after"]
    '1, 5, 10'
    """
    return {
        "hour": f"{reminding.hour}:00",
        "days_before": _listed(reminding.days_before),
        "days_after": _listed(reminding.days_after),
        "link_days": _listed(reminding.link_days),
    }


def _listed(days: Sequence[int]) -> str:
    return ", ".join(str(number) for number in days) or "none"


def _on(steps: Sequence[Step]) -> tuple[int, ...]:
    return tuple(step.days for step in steps if step.is_on)


def _check(steps: Sequence[Step], least: int, most: int) -> None:
    if any(not least <= step.days <= most for step in steps):
        raise BadInput(text("Enter a number of days between %(least)s and %(most)s.", least=least, most=most))
    on = [step.days for step in steps if step.is_on]
    if len(set(on)) < len(on):
        raise BadInput(text("Two of these are on the same day. Change one, or switch it off."))
