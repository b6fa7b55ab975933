"""Which months of an agency have their statements to be drawn, and who is mailed what about them."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import func, select

from portal.core.outbox import enqueue_all
from portal.core.tenancy import Scoped
from portal.insureds.dead_addresses import dead_of
from portal.invoices.models import Invoice
from portal.partners.models import Partner
from portal.statements.models import PartnerStatement
from portal.statements.months import month_before, next_month
from portal.statements.settings import PartnerRules

STATEMENT_MAIL, OVERDUE_MAIL = "mail.partner_statement", "mail.partner_overdue"


def months_due(session: Scoped, rules: PartnerRules, today: date) -> Iterator[date]:
    """The first days of the months that are to be drawn, the earliest first: those since the last, from their day on.

    Args:
        today: the day at the agency.
    """
    newest = month_before(today)
    if today.day < rules.statement_day:
        newest = month_before(newest)
    last = session.scalar(select(func.max(PartnerStatement.month)))
    first = min(last, newest) if last is not None else newest  # the last one again: it may lack some partners
    while first <= newest:
        yield first
        first = next_month(first)


def queue_statements(session: Scoped, drawn: Sequence[PartnerStatement], at: datetime) -> None:
    """Mail statements to the partners' contacts, once each; an address that is dead gets none."""
    alive = _alive(session, [row.partner_id for row in drawn])
    wanted = [(STATEMENT_MAIL, str(row.id), {"statement_id": row.id}) for row in drawn if row.partner_id in alive]
    enqueue_all(session, wanted, at)


def queue_overdue(session: Scoped, today: date, at: datetime) -> int:
    """Remind each partner of what is overdue, once on a day; says how many are."""
    query = select(Invoice.partner_id).where(
        Invoice.partner_id.is_not(None), Invoice.state == "open", Invoice.due_date < today
    )
    alive = _alive(session, [partner_id for partner_id in session.scalars(query.distinct()) if partner_id is not None])
    wanted = [(OVERDUE_MAIL, f"{partner_id}:{today}", {"partner_id": partner_id}) for partner_id in sorted(alive)]
    enqueue_all(session, wanted, at)
    return len(wanted)


def overdue_of(session: Scoped, partner_id: int, today: date) -> tuple[int, int]:
    """How many invoices of a partner are overdue, and what is open on them in cents."""
    query = select(func.count(Invoice.id), func.coalesce(func.sum(Invoice.open_cents), 0)).where(
        Invoice.partner_id == partner_id, Invoice.state == "open", Invoice.due_date < today
    )
    count, cents = session.execute(query).one()
    return count, int(cents)


def _alive(session: Scoped, partner_ids: Sequence[int]) -> set[int]:
    """Partners whose contact's address takes mail."""
    query = select(Partner.id, Partner.contact_email).where(
        Partner.id.in_(partner_ids), Partner.merged_into_id.is_(None)
    )
    emails = dict(session.execute(query).all())
    dead = dead_of(session, set(emails.values()))
    return {partner_id for partner_id, email in emails.items() if email and email not in dead}
