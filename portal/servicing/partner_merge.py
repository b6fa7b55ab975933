"""Merge two partners of an agency who are one: all that names the one names the other from then on, in one unit.

Invoices, payments and books stay as they are written; only whose they are changes. Each table that refers to a
partner is found by its foreign key, so that none can be left out. What moved is kept with the merge, to be undone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, UniqueConstraint, and_, exists, func, inspect, select, update
from sqlalchemy.orm import Mapper, aliased

from portal.core.audit import Actor, record
from portal.core.db import Base
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.invoices.models import Invoice
from portal.partners.merging import Joined, Member, join_members
from portal.partners.models import Partner, PartnerMerge, PartnerUser
from portal.partners.waiting import tell_staff

CHANGED = text("Something has changed since you looked. Nothing was merged. Look again.")
AGENCY_TERMS = ("due_days", "kept_commission_rate")
DIRECT_TERMS = ("commission_rate", "payout_schedule", "settlement_days")


@dataclass(frozen=True, slots=True)
class Moving:
    """What a merge moves.

    Args:
        rows: table -> how many of its rows move; users aside.
        joined: what becomes of the users.
        open_cents: what the open invoices among them ask for.
        new_terms: the survivor takes over the other's terms of agency or direct bill, which it has none of.
    """

    rows: Mapping[str, int]
    joined: Joined
    open_cents: int
    new_terms: tuple[str, ...]

    @property
    def seen(self) -> str:
        """The same for the same, to tell whether what was looked at still holds."""
        return repr((sorted(self.rows.items()), self.joined, self.open_cents, self.new_terms))


def naming_partners() -> list[tuple[type[Any], str]]:
    """Every table that refers to a partner, with the column that does; users and merges aside."""
    found = []
    for mapper in Base.registry.mappers:
        if mapper.class_ in (PartnerUser, PartnerMerge):
            continue
        found += [(mapper.class_, column) for column in _referring(mapper)]
    return sorted(found, key=lambda each: (each[0].__tablename__, each[1]))


def moving(session: Scoped, keep_id: int, gone_id: int) -> Moving:
    """What would move.

    Raises:
        NotFound: one of them is not there, or merged already.
        BadInput: they are the same, or one that is in use would go into an archived one.
    """
    if keep_id == gone_id:
        raise BadInput(text("Choose another partner."))
    keep, gone = _present(session, keep_id), _present(session, gone_id)
    if keep.archived_at is not None and gone.archived_at is None:
        raise BadInput(text("%(name)s is archived. Keep the other one.", name=keep.name))
    rows: dict[str, int] = {}
    for model, column in naming_partners():
        of_gone = select(func.count(model.id)).where(*_movable(model, column, keep_id, gone_id))
        if many := session.scalar(of_gone):
            rows[model.__tablename__] = rows.get(model.__tablename__, 0) + many
    owed = select(func.coalesce(func.sum(Invoice.open_cents), 0))
    owed = owed.where(Invoice.partner_id == gone_id, Invoice.state == "open")
    joined = join_members(_members(session, keep_id), _members(session, gone_id))
    return Moving(rows, joined, int(session.scalar(owed) or 0), tuple(_new_terms(keep, gone)))


def merge(
    session: Scoped, keep_id: int, gone_id: int, actor: Actor, at: datetime, *, seen: str | None = None
) -> PartnerMerge:
    """Merge them.

    Args:
        session: a write unit.
        keep_id: the partner who survives, with name, address and terms.
        gone_id: the one whose things become theirs.
        seen: of what staff looked at, by `Moving.seen`; None where the rule merges.

    Raises:
        NotFound, BadInput: as `moving`.
        Conflict: something has changed since.
    """
    held = select(Partner).where(Partner.id.in_([keep_id, gone_id])).order_by(Partner.id).with_for_update()
    session.scalars(held.execution_options(populate_existing=True)).all()
    plan = moving(session, keep_id, gone_id)
    if seen is not None and plan.seen != seen:
        raise Conflict(CHANGED)
    keep, gone = session.get_one(Partner, keep_id), session.get_one(Partner, gone_id)
    for name in plan.new_terms:
        setattr(keep, name, getattr(gone, name))
    before = _raise_users(session, plan.joined, at)
    gone.merged_into_id = keep_id
    merged = PartnerMerge(
        kept_id=keep_id,
        gone_id=gone_id,
        by=actor.name,
        merged_at=at,
        moved=move_all(session, keep_id, gone_id, plan.joined),
        before=before,
    )
    session.add(merged)
    record(
        session,
        actor,
        "partner.merged",
        "partner",
        keep_id,
        at,
        merged_partner=gone.name,
        rows=dict(plan.rows),
        users=len(plan.joined.moving),
        users_at_both=len(plan.joined.left),
        open_cents=plan.open_cents,
        by_rule=seen is None,
    )
    session.flush()
    return merged


def move_all(session: Scoped, keep_id: int, gone_id: int, joined: Joined) -> dict[str, list[int]]:
    """Move all rows that name the one; says which, by `table.column`."""
    session.flush()
    moved = {}
    for model, column in naming_partners():
        theirs = update(model).where(*_movable(model, column, keep_id, gone_id)).values({column: keep_id})
        ids = session.scalars(theirs.returning(model.id).execution_options(synchronize_session="fetch")).all()
        if ids:
            moved[f"{model.__tablename__}.{column}"] = sorted(ids)
    users = session.scalars(select(PartnerUser).where(PartnerUser.id.in_(joined.moving)))
    for user in users:
        user.partner_id = keep_id
    if joined.moving:
        moved[f"{PartnerUser.__tablename__}.partner_id"] = list(joined.moving)
    return moved


def _present(session: Scoped, partner_id: int) -> Partner:
    partner = session.get(Partner, partner_id)
    if partner is None or partner.merged_into_id is not None:
        raise NotFound
    return partner


def _members(session: Scoped, partner_id: int) -> list[Member]:
    rows = select(PartnerUser.id, PartnerUser.email, PartnerUser.role, PartnerUser.state)
    return [Member(*row) for row in session.execute(rows.where(PartnerUser.partner_id == partner_id))]


def _new_terms(keep: Partner, gone: Partner) -> list[str]:
    """The columns of terms that the survivor takes over: those of a way of billing that only the other one has."""
    names: list[str] = []
    if gone.bills_agency and not keep.bills_agency:
        names += ("bills_agency", *AGENCY_TERMS)
    if gone.bills_direct and not keep.bills_direct:
        names += ("bills_direct", *DIRECT_TERMS)
    return names


def _raise_users(session: Scoped, joined: Joined, at: datetime) -> dict[str, Any]:
    """Users at both: one stays with the stronger role, the other is removed; says what they were and became."""
    before: dict[str, Any] = {}
    for user in session.scalars(select(PartnerUser).where(PartnerUser.id.in_([*joined.raised, *joined.left]))):
        role, state = joined.raised.get(user.id, (user.role, "removed"))
        if (role, state) == (user.role, user.state):
            continue
        before[str(user.id)] = [[user.role, user.state], [role, state]]
        user.role, user.state = role, state
        user.removed_at = at if state == "removed" else None
        if state == "active" and user.joined_at is None:
            user.joined_at = at
        tell_staff(session, user, at)
    return before


def _referring(mapper: Mapper[Any]) -> list[str]:
    table: Any = mapper.local_table
    keys = [key for key in table.foreign_key_constraints if key.referred_table.name == Partner.__tablename__]
    return [column.key for key in keys for column in key.columns if column.key != "agency_id"]


def _movable(model: type[Any], column: str, keep_id: int, gone_id: int) -> list[ColumnElement[bool]]:
    """What of a table moves: all of the one who goes, but what the survivor has already and may have only once."""
    wanted = [getattr(model, column) == gone_id]
    table: Any = inspect(model).local_table
    for key in table.constraints:
        names = set(key.columns.keys()) if isinstance(key, UniqueConstraint) else set()
        if column in names:
            own = aliased(model)
            same = [getattr(own, name) == getattr(model, name) for name in sorted(names - {column, "agency_id"})]
            wanted.append(~exists(select(own.id).where(getattr(own, column) == keep_id, and_(True, *same))))
    return wanted
