"""What an agency has set for its partners, and until when its books were read for them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base
from portal.core.errors import BadInput
from portal.core.tenancy import Scoped, Tenant, tenant_table
from portal.core.text import text

LAST_STATEMENT_DAY = 28
"""The last day of a month that every month has."""
WEEKDAYS = 7


@dataclass(frozen=True, slots=True)
class PartnerRules:
    """What an agency has set.

    Args:
        claws_back: commission is taken back, by deduction from later payouts, when premium comes back.
        statement_day: the day of the month on which the statements of the month before leave.
        mails_statements: whether partners are told of them.
        overdue_weekday: on which day of the week partners are reminded of what is overdue; 0 is Monday, None never.

    Raises:
        BadInput: a day that not every month, or no week, has.
    """

    claws_back: bool = True
    statement_day: int = 1
    mails_statements: bool = True
    overdue_weekday: int | None = 0

    def __post_init__(self) -> None:
        """See that the days exist."""
        if not 1 <= self.statement_day <= LAST_STATEMENT_DAY:
            raise BadInput(text("Choose a day between 1 and %(last)s.", last=LAST_STATEMENT_DAY))
        if self.overdue_weekday is not None and not 0 <= self.overdue_weekday < WEEKDAYS:
            raise BadInput(text("Choose a day of the week."))


class PartnerSettings(Tenant, Base):
    """An agency's own rules, and how far the work on its partners has come.

    `accrued_until`: what was posted before has brought its commissions. `proposed_on`: the last day for which payouts
    were proposed on their schedule.
    """

    __tablename__ = "partner_settings"
    __table_args__ = tenant_table(
        UniqueConstraint("agency_id"),
        CheckConstraint("statement_day BETWEEN 1 AND 28", name="statement_day"),
        CheckConstraint("overdue_weekday BETWEEN 0 AND 6", name="overdue_weekday"),
    )

    claws_back: Mapped[bool] = mapped_column(default=True)
    statement_day: Mapped[int] = mapped_column(default=1)
    mails_statements: Mapped[bool] = mapped_column(default=True)
    overdue_weekday: Mapped[int | None] = mapped_column(default=0)
    accrued_until: Mapped[datetime | None]
    proposed_on: Mapped[date | None]


def settings_row(session: Scoped) -> PartnerSettings:
    """The agency's row, made where there is none yet; locked until the unit ends."""
    row = session.scalars(select(PartnerSettings).with_for_update()).one_or_none()
    if row is None:
        row = PartnerSettings()
        session.add(row)
        session.flush()
    return row


def partner_rules(session: Scoped) -> PartnerRules:
    """What the agency has set; the usual where it has set nothing."""
    row = session.scalars(select(PartnerSettings)).one_or_none()
    if row is None:
        return PartnerRules()
    return PartnerRules(row.claws_back, row.statement_day, row.mails_statements, row.overdue_weekday)


def set_partner_rules(session: Scoped, wished: PartnerRules) -> dict[str, str]:
    """Store them, for what comes from now on.

    Returns:
        What changed, for the audit: name -> "before → after"; empty if nothing did.
    """
    before = partner_rules(session)
    names = ("claws_back", "statement_day", "mails_statements", "overdue_weekday")
    pairs = {name: (getattr(before, name), getattr(wished, name)) for name in names}
    row = settings_row(session)
    for name, (_, value) in pairs.items():
        setattr(row, name, value)
    session.flush()
    return {name: f"{old} → {new}" for name, (old, new) in pairs.items() if old != new}
