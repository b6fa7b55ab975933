"""Who comes in for a partner. Its own admins manage its users; one admin who has come in always stays."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from portal.core.audit import Actor, Personal, record
from portal.core.email_address import parse_email
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.personal_keys import of_email
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.partners.domains import fits
from portal.partners.logins import want_login
from portal.partners.models import PARTNER_ROLES, PartnerUser
from portal.partners.news import tell_user
from portal.partners.transitions import LET_IN, check_move
from portal.partners.twins import look_for_twins
from portal.partners.waiting import tell_staff

ORIGINS = ("contact", "invited", "imported")


@dataclass(frozen=True, slots=True)
class UserDraft:
    """Somebody to let in."""

    email: str
    role: str
    first_name: str = ""
    last_name: str = ""
    locale: str = "en_US"


def users_of(session: Scoped, partner_id: int) -> list[PartnerUser]:
    """Everybody who comes in for a partner or did: who waits first, then by name; those removed last."""
    rows = session.scalars(select(PartnerUser).where(PartnerUser.partner_id == partner_id))
    order = {"held": 0, "invited": 1, "active": 1, "removed": 2}
    return sorted(rows, key=lambda row: (order[row.state], row.first_name.lower(), row.last_name.lower(), row.email))


def user_of(session: Scoped, partner_id: int, user_id: int) -> PartnerUser:
    """One of a partner's users.

    Raises:
        NotFound: it has none with this id.
    """
    wanted = select(PartnerUser).where(PartnerUser.id == user_id, PartnerUser.partner_id == partner_id)
    user = session.scalars(wanted).one_or_none()
    if user is None:
        raise NotFound
    return user


def add_user(
    session: Scoped, partner_id: int, draft: UserDraft, origin: str, actor: Actor, at: datetime
) -> PartnerUser:
    """Let somebody in: the contact, somebody whom an admin of the partner invites, or whom an import brings.

    Whose address has another domain than the admins' is held, until an admin of the partner approves; of those who
    were imported, until staff of the agency does. The first user of a partner is compared with nobody.

    Args:
        session: a write unit.
        origin: one of `ORIGINS`.

    Raises:
        BadInput: not an e-mail address, or no such role.
        Conflict: the address is a user of this partner already.
    """
    if draft.role not in PARTNER_ROLES or origin not in ORIGINS:
        raise BadInput
    email = parse_email(draft.email)
    rows = session.scalars(select(PartnerUser).where(PartnerUser.partner_id == partner_id).order_by(PartnerUser.id))
    users = {row.email: row for row in rows.all()}
    admins = [row.email for row in users.values() if row.role == "admin" and row.state in LET_IN]
    state = "invited" if origin == "contact" or not admins or fits(email, admins) else "held"
    user = users.get(email)
    if user is None:
        user = PartnerUser(partner_id=partner_id, email=email, created_at=at)
        session.add(user)
    elif user.state != "removed":
        raise Conflict(text("%(email)s is among your users already.", email=email))
    user.first_name, user.last_name = draft.first_name.strip(), draft.last_name.strip()
    user.role, user.state, user.origin, user.locale = draft.role, state, origin, draft.locale
    user.joined_at = user.removed_at = None
    session.flush()
    _note(session, actor, "partner_user.added", user, at, role=user.role, origin=origin, state=state)
    look_for_twins(session, partner_id, at)
    tell_staff(session, user, at)
    want_login(session, user.id, at)
    if state == "invited":
        tell_user(session, "welcome" if origin == "contact" else "invited", user.id, at)
    return user


def approve_user(session: Scoped, partner_id: int, user_id: int, actor: Actor, at: datetime) -> None:
    """Let somebody in whose address has another domain than the admins'.

    Args:
        actor: an admin of the partner; staff of the agency for who was imported.

    Raises:
        NotFound: the partner has no such user.
        IllegalMove: nobody waits for this.
        Conflict: this is for others to decide.
    """
    user = user_of(session, partner_id, user_id)
    if (actor.kind == "staff") != (user.origin == "imported"):
        raise Conflict(text("Somebody else decides about this person."))
    _move(session, user, "invited", at)
    _note(session, actor, "partner_user.approved", user, at)
    tell_user(session, "invited", user.id, at)


def change_role(session: Scoped, partner_id: int, user_id: int, role: str, actor: Actor, at: datetime) -> None:
    """Give somebody else another role; it counts at once, and they are told.

    Raises:
        NotFound: the partner has no such user.
        BadInput: it is oneself, or no such role.
        Conflict: they are the last admin, or were removed.
    """
    user = _somebody_else(session, partner_id, user_id, actor)
    if role not in PARTNER_ROLES:
        raise BadInput
    if user.state == "removed":
        raise Conflict
    if user.role == role:
        return
    if user.role == "admin":
        _keep_an_admin(session, user)
    _note(session, actor, "partner_user.role_changed", user, at, before=user.role, after=role)
    user.role = role
    session.flush()
    if user.state in LET_IN:
        tell_user(session, "role_changed", user.id, at)


def remove_user(session: Scoped, partner_id: int, user_id: int, actor: Actor, at: datetime) -> None:
    """Let somebody else in no more, at once. What they paid and did stays.

    Raises:
        NotFound: the partner has no such user.
        BadInput: it is oneself.
        Conflict: they are the last admin.
        IllegalMove: they are removed already.
    """
    user = _somebody_else(session, partner_id, user_id, actor)
    if user.role == "admin" and user.state in LET_IN:
        _keep_an_admin(session, user)
    was_in = user.state == "active"
    _move(session, user, "removed", at)
    user.removed_at = at
    _note(session, actor, "partner_user.removed", user, at)
    look_for_twins(session, partner_id, at)
    session.flush()
    if was_in:
        tell_user(session, "removed", user.id, at)


def join(session: Scoped, email: str, at: datetime) -> None:
    """Who has just signed in with this address has taken up their invitations.

    Args:
        session: a write unit.
        email: as `parse_email` writes it.
    """
    session.execute(
        update(PartnerUser)
        .where(PartnerUser.email == email, PartnerUser.state == "invited")
        .values(state="active", joined_at=at)
        .execution_options(synchronize_session=False)
    )


def make_admin(session: Scoped, user: PartnerUser, actor: Actor, at: datetime) -> None:
    """Let a user in as an admin, whatever they were: the agency's help for a partner whom nobody manages any more.

    Args:
        session: a write unit.
    """
    before = user.role
    if user.state not in LET_IN:
        _move(session, user, "invited", at)
        user.joined_at = user.removed_at = None
    user.role = "admin"
    session.flush()
    _note(session, actor, "partner_user.reinvited", user, at, before=before, after="admin")
    tell_user(session, "invited", user.id, at)


def open_admins(session: Scoped, partner_id: int, states: Collection[str] = LET_IN) -> list[PartnerUser]:
    """The admins of a partner who may come in."""
    wanted = select(PartnerUser).where(
        PartnerUser.partner_id == partner_id, PartnerUser.role == "admin", PartnerUser.state.in_(states)
    )
    return list(session.scalars(wanted.order_by(PartnerUser.id)))


def _somebody_else(session: Scoped, partner_id: int, user_id: int, actor: Actor) -> PartnerUser:
    user = user_of(session, partner_id, user_id)
    if user.email == actor.name:
        raise BadInput(text("You cannot do this to yourself. Ask another admin."))
    return user


def _keep_an_admin(session: Scoped, user: PartnerUser) -> None:
    """Two admins may remove each other in the same moment: the rows are locked, so that the second one is refused."""
    counts = {"active"} if user.state == "active" else LET_IN
    admins = select(PartnerUser.id).where(
        PartnerUser.partner_id == user.partner_id, PartnerUser.role == "admin", PartnerUser.state.in_(counts)
    )
    if set(session.scalars(admins.order_by(PartnerUser.id).with_for_update())) <= {user.id}:
        raise Conflict(text("This is the last admin. Make somebody else an admin first."))


def _move(session: Scoped, user: PartnerUser, new: str, at: datetime) -> None:
    """From one state to the next, unless somebody else was faster."""
    check_move(user.state, new)
    moved = update(PartnerUser).where(PartnerUser.id == user.id, PartnerUser.state == user.state).values(state=new)
    if session.execute(moved.execution_options(synchronize_session=False)).rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict
    session.refresh(user)
    tell_staff(session, user, at)


def _note(session: Scoped, actor: Actor, action: str, user: PartnerUser, at: datetime, **detail: object) -> None:
    about = Personal(of_email(user.email), {"email": user.email})
    record(session, actor, action, "partner", user.partner_id, at, about, **detail)
