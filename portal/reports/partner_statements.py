"""Statements in lists: of one partner for it to see, of a month for staff."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, select

from portal.core.tenancy import Scoped
from portal.partners.models import Partner
from portal.statements.models import PartnerStatement
from portal.statements.months import next_month

MOST = 100


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement in a list."""

    id: int
    month: date
    partner: str
    closing_cents: int
    commission_closing_cents: int

    @property
    def last(self) -> date:
        """The last day of the month."""
        return next_month(self.month) - timedelta(days=1)


def statements_of(session: Scoped, partner_id: int) -> list[StatementRow]:
    """A partner's, the newest first."""
    query = _ROWS.where(PartnerStatement.partner_id == partner_id)
    return _rows(session, query.order_by(PartnerStatement.month.desc(), PartnerStatement.id))


def newest_statements(
    session: Scoped, before: int | None = None, partner_id: int | None = None
) -> tuple[list[StatementRow], int | None]:
    """All partners' or one's, the newest first; and where the next page begins, if there is one.

    Args:
        before: only those with a smaller id.
    """
    query = _ROWS.order_by(PartnerStatement.id.desc()).limit(MOST + 1)
    if before is not None:
        query = query.where(PartnerStatement.id < before)
    if partner_id is not None:
        query = query.where(PartnerStatement.partner_id == partner_id)
    found = _rows(session, query)
    return found[:MOST], found[MOST - 1].id if len(found) > MOST else None


_ROWS: Select[int, date, str, int, int] = select(
    PartnerStatement.id,
    PartnerStatement.month,
    Partner.name,
    PartnerStatement.closing_cents,
    PartnerStatement.commission_closing_cents,
).join(Partner, Partner.id == PartnerStatement.partner_id)


def _rows(session: Scoped, query: Select[int, date, str, int, int]) -> list[StatementRow]:
    return [StatementRow(*row) for row in session.execute(query)]
