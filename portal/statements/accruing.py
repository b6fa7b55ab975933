"""Write down what settled money has brought partners: read from the books, exactly once for each entry and policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import aliased

from portal.core.tenancy import Scoped
from portal.ledger.journal import post
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.partner_postings import commission_accrued
from portal.ledger.postings import CHECKS_IN_CLEARING, RELEASES
from portal.partners.models import Partner
from portal.programs.models import Policy, Program
from portal.statements.commissions import KINDS, Accrued, accrue, payable_from
from portal.statements.models import Commission
from portal.statements.settings import settings_row

BATCH = 500
"""Movements in one unit."""
COMMITTED_WITHIN = timedelta(hours=1)
"""The longest that a unit stays open between taking its time and its commit."""
PAID_FOR = (RELEASES["premium_billed"], RELEASES["commission_billed"])
"""Where premium that is paid for stands: the carrier's part of it, and the agency's."""

_cleared, _waiting = aliased(JournalEntry), aliased(JournalLine)
_is_check = exists().where(
    _waiting.agency_id == JournalEntry.agency_id,
    _waiting.entry_id == JournalEntry.id,
    _waiting.account == CHECKS_IN_CLEARING,
)
_has_row = exists().where(
    Commission.agency_id == JournalLine.agency_id,
    Commission.entry_id == JournalLine.entry_id,
    Commission.policy_id == JournalLine.policy_id,
)
KNOWN_AT = func.coalesce(_cleared.posted_at, JournalEntry.posted_at)
"""When the books came to know that money has settled."""
NOT_ACCRUED = (
    select(
        JournalLine.entry_id,
        JournalLine.policy_id,
        Program.partner_id,
        Policy.retail_commission_rate,
        JournalEntry.kind,
        func.coalesce(_cleared.booked_on, JournalEntry.booked_on),
        func.sum(JournalLine.credit_cents - JournalLine.debit_cents),
    )
    .select_from(Program)
    .join(Policy, Policy.program_id == Program.id)
    .join(JournalLine, JournalLine.policy_id == Policy.id)
    .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
    .outerjoin(
        _cleared,
        (_cleared.agency_id == JournalEntry.agency_id)
        & (_cleared.kind == "check_cleared")
        & (_cleared.ref == JournalEntry.ref)
        & (JournalEntry.kind == "charge"),
    )
    .where(
        Program.partner_id.is_not(None),
        Program.billing_type == "direct_bill",
        Policy.retail_commission_rate.is_not(None),
        JournalLine.account.in_(PAID_FOR),
        JournalEntry.kind.in_(KINDS),
        ~_has_row,
        (JournalEntry.kind != "charge") | _cleared.id.is_not(None) | ~_is_check,
    )
    .group_by(
        JournalLine.entry_id,
        JournalLine.policy_id,
        Program.partner_id,
        Policy.retail_commission_rate,
        JournalEntry.kind,
        JournalEntry.booked_on,
        _cleared.booked_on,
    )
    .order_by(JournalLine.entry_id, JournalLine.policy_id)
)
"""Movements of premium of partners' policies that have not brought their commission yet, the first ones first."""
NEW = (
    NOT_ACCRUED.where(JournalEntry.posted_at >= bindparam("since")),
    NOT_ACCRUED.where(_cleared.posted_at >= bindparam("since")),
)
"""Those of them that the books came to know of since: by their own entry, and by the check that has cleared."""


@dataclass(frozen=True, slots=True)
class _Movement:
    """What one entry did to the premium of one policy that is paid for."""

    entry_id: int
    policy_id: int
    partner_id: int
    rate: Decimal
    kind: str
    settled_on: date
    cents: int


def accrue_commissions(session: Scoped, at: datetime) -> int:
    """Accrue what the next entries have brought; says how many movements of policies it worked.

    It looks at what was posted since the last time it found nothing, and once a day at everything: a policy may have
    been given a partner or a rate after its money came.

    Args:
        session: a write unit.
        at: now.
    """
    settings = settings_row(session)
    until = settings.accrued_until
    movements = _not_accrued(session, until if until and until.date() == at.date() else None)
    if not movements:
        settings.accrued_until = at - COMMITTED_WITHIN
        return 0
    so_far = _so_far(session, {movement.policy_id for movement in movements})
    days = _settlement_days(session, {movement.partner_id for movement in movements})
    rows = []
    for one in movements:
        before = so_far.get(one.policy_id, Accrued())
        added = accrue(before, one.cents, one.rate, one.kind, claws_back=settings.claws_back)
        so_far[one.policy_id] = Accrued(
            before.premium_cents + added.premium_cents,
            before.cents + added.cents,
            before.kept_cents + added.kept_cents,
        )
        rows.append(
            Commission(
                partner_id=one.partner_id,
                policy_id=one.policy_id,
                entry_id=one.entry_id,
                premium_cents=added.premium_cents,
                rate=one.rate,
                cents=added.cents,
                kept_cents=added.kept_cents,
                settled_on=one.settled_on,
                payable_on=payable_from(one.settled_on, days[one.partner_id], added.cents),
                accrued_at=at,
            )
        )
    session.add_all(rows)
    session.flush()
    entries = [
        commission_accrued(f"{row.entry_id}:{row.policy_id}", row.policy_id, row.cents, row.settled_on)
        for row in rows
        if row.cents
    ]
    post(session, entries, at)
    return len(rows)


def _not_accrued(session: Scoped, since: datetime | None) -> Sequence[_Movement]:
    """The first movements of premium of partners' policies that have not brought their commission yet.

    Args:
        since: only those that the books came to know of since then; None for all.
    """
    for query in NEW if since else (NOT_ACCRUED,):
        found = []
        for entry_id, policy_id, partner_id, rate, kind, settled_on, cents in session.execute(
            query.limit(BATCH), {"since": since} if since else {}
        ):
            assert policy_id is not None and partner_id is not None and rate is not None
            found.append(_Movement(entry_id, policy_id, partner_id, rate, kind, settled_on, int(cents)))
        if found:
            return found
    return []


def _so_far(session: Scoped, policy_ids: set[int]) -> dict[int, Accrued]:
    sums = [func.sum(column) for column in (Commission.premium_cents, Commission.cents, Commission.kept_cents)]
    query = select(Commission.policy_id).add_columns(*sums).where(Commission.policy_id.in_(policy_ids))
    rows = session.execute(query.group_by(Commission.policy_id))
    return {policy_id: Accrued(*(int(cents) for cents in found)) for policy_id, *found in rows}


def _settlement_days(session: Scoped, partner_ids: set[int]) -> dict[int, int]:
    query = select(Partner.id, Partner.settlement_days).where(Partner.id.in_(partner_ids))
    return dict(session.execute(query).all())
