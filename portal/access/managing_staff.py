"""Who works for the agency: adding people, their roles, letting them go. An agency always keeps an active admin."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import delete, func, select

from portal.access.models import StaffFactor, StaffRecoveryCode
from portal.access.open_sessions import end_all
from portal.access.second_factor import delete_factors
from portal.access.staff_news import tell_staff
from portal.agencies.found import Role, add_staff
from portal.agencies.models import StaffMember
from portal.core.audit import Actor, record
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.tenancy import Scoped
from portal.core.text import text


@dataclass(frozen=True, slots=True)
class Member:
    """A staff member, as the users page lists them. `factors` counts their second factors."""

    id: int
    email: str
    name: str
    role: Role
    is_active: bool
    factors: int


def members(session: Scoped) -> list[Member]:
    """Everyone who works for the agency or did, by name; those who left last."""
    factors = (
        select(StaffFactor.staff_id, func.count(StaffFactor.id).label("many"))
        .where(StaffFactor.confirmed_at.is_not(None))
        .group_by(StaffFactor.staff_id)
        .subquery()
    )
    query = (
        select(
            StaffMember.id,
            StaffMember.email,
            StaffMember.name,
            StaffMember.role,
            StaffMember.is_active,
            func.coalesce(factors.c.many, 0),
        )
        .outerjoin(factors, factors.c.staff_id == StaffMember.id)
        .order_by(StaffMember.is_active.desc(), StaffMember.name, StaffMember.id)
    )
    return [Member(row[0], row[1], row[2], cast(Role, row[3]), row[4], row[5]) for row in session.execute(query)]


def member(session: Scoped, staff_id: int) -> Member:
    """One of them.

    Raises:
        NotFound: nobody of this agency has this id.
    """
    found = next((each for each in members(session) if each.id == staff_id), None)
    if found is None:
        raise NotFound
    return found


def welcome(session: Scoped, email: str, name: str, role: Role, actor: Actor, at: datetime) -> int:
    """Add someone and mail them; says their id.

    Raises:
        BadInput: not an e-mail address.
        Conflict: the address is on the staff already.
    """
    added = add_staff(session, email, name, role, actor, at)
    tell_staff(session, "welcome", added.id, at)
    return added.id


def change_role(session: Scoped, staff_id: int, role: Role, actor: Actor, at: datetime) -> None:
    """Give someone else another role; it counts at once, and they are told.

    Raises:
        NotFound: nobody of this agency has this id.
        BadInput: it is oneself.
        Conflict: they are the last admin.
    """
    row = _someone_else(session, staff_id, actor)
    if row.role == role:
        return
    if role != "admin":
        _keep_an_admin(session, row)
    record(session, actor, "staff.role_changed", "staff_member", row.id, at, before=row.role, after=role)
    row.role = role
    tell_staff(session, "role_changed", row.id, at)
    session.flush()


def deactivate(session: Scoped, staff_id: int, actor: Actor, at: datetime) -> None:
    """Let someone go: they are signed out everywhere and do not come in again.

    Raises:
        NotFound: nobody of this agency has this id.
        BadInput: it is oneself.
        Conflict: they are the last admin.
    """
    row = _someone_else(session, staff_id, actor)
    if not row.is_active:
        return
    _keep_an_admin(session, row)
    row.is_active = False
    record(session, actor, "staff.deactivated", "staff_member", row.id, at)
    end_all(session, row.email, actor, at)
    session.flush()


def activate(session: Scoped, staff_id: int, actor: Actor, at: datetime) -> None:
    """Take someone back who was let go. They set up a second factor anew, and are welcomed by mail.

    Raises:
        NotFound: nobody of this agency has this id.
        BadInput: it is oneself.
    """
    row = _someone_else(session, staff_id, actor)
    if row.is_active:
        return
    row.is_active = True
    _forget_factors(session, row.id)
    record(session, actor, "staff.activated", "staff_member", row.id, at, role=row.role)
    tell_staff(session, "welcome", row.id, at)
    session.flush()


def sign_out(session: Scoped, staff_id: int, actor: Actor, at: datetime) -> None:
    """End all of someone's sessions; they can sign in again, and are told.

    Raises:
        NotFound: nobody of this agency has this id.
        BadInput: it is oneself.
    """
    row = _someone_else(session, staff_id, actor)
    end_all(session, row.email, actor, at)
    record(session, actor, "staff.signed_out", "staff_member", row.id, at)
    tell_staff(session, "signed_out", row.id, at)


def reset_factors(session: Scoped, staff_id: int, actor: Actor, at: datetime) -> None:
    """Take someone's second factors and recovery codes away: they lost them. They are signed out and told.

    Raises:
        NotFound: nobody of this agency has this id.
        BadInput: it is oneself.
    """
    row = _someone_else(session, staff_id, actor)
    _forget_factors(session, row.id)
    record(session, actor, "staff.factors_reset", "staff_member", row.id, at)
    end_all(session, row.email, actor, at)
    tell_staff(session, "factors_reset", row.id, at)


def _forget_factors(session: Scoped, staff_id: int) -> None:
    delete_factors(session, StaffFactor.staff_id == staff_id)
    codes = delete(StaffRecoveryCode).where(StaffRecoveryCode.staff_id == staff_id)
    session.execute(codes.execution_options(synchronize_session=False))


def _someone_else(session: Scoped, staff_id: int, actor: Actor) -> StaffMember:
    row = session.scalars(select(StaffMember).where(StaffMember.id == staff_id)).one_or_none()
    if row is None:
        raise NotFound
    if row.email == actor.name:
        raise BadInput(text("You cannot do this to yourself. Ask another admin."))
    return row


def _keep_an_admin(session: Scoped, row: StaffMember) -> None:
    """Two admins may let each other go in the same moment: the rows are locked, so that the second one is refused."""
    admins = select(StaffMember.id).where(StaffMember.role == "admin", StaffMember.is_active.is_(True))
    ids = set(session.scalars(admins.order_by(StaffMember.id).with_for_update()))
    if ids <= {row.id}:
        raise Conflict(text("This is the last admin. Make somebody else an admin first."))
