"""The second factor of staff: codes of an authenticator app (TOTP, RFC 6238), none of which works twice.

Passkeys are in `passkeys.py`, codes for the day a device is lost in `recovery_codes.py`.
"""

import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import ColumnElement, delete, select, update

from portal.access.factor_tries import FactorTry
from portal.access.limits import missed_nothing
from portal.access.models import StaffFactor
from portal.access.staff import Staff
from portal.access.staff_news import tell_staff
from portal.core.audit import Actor, record
from portal.core.errors import Conflict, NotFound
from portal.core.secrets import SecretBox
from portal.core.tenancy import Scoped
from portal.core.text import text

STEP_SECONDS = 30
STEPS_ASIDE = (0, -1, 1)
"""Clocks differ: the code before and the code after the present one are good too."""
ENROL_WITHIN = timedelta(minutes=15)
APP_NAME = "Authenticator app"


@dataclass(frozen=True, slots=True)
class Factor:
    """A confirmed second factor, as its owner sees it. Kind: totp or passkey."""

    id: int
    kind: str
    name: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewApp:
    """An authenticator app about to be connected: its seed to type, and the address to scan."""

    seed: str
    uri: str


def factors_of(session: Scoped, staff_id: int) -> list[Factor]:
    """The confirmed factors of a staff member, the oldest first."""
    query = (
        select(StaffFactor.id, StaffFactor.kind, StaffFactor.name, StaffFactor.created_at, StaffFactor.used_at)
        .where(StaffFactor.staff_id == staff_id, StaffFactor.confirmed_at.is_not(None))
        .order_by(StaffFactor.id)
    )
    return [Factor(*row) for row in session.execute(query)]


def start_app(session: Scoped, box: SecretBox, staff: Staff, at: datetime) -> None:
    """Make the seed of an authenticator app; one begun before and never confirmed is forgotten."""
    begun = StaffFactor.kind == "totp", StaffFactor.confirmed_at.is_(None)
    delete_factors(session, StaffFactor.staff_id == staff.id, *begun)
    session.add(
        StaffFactor(
            staff_id=staff.id,
            kind="totp",
            name=APP_NAME,
            credential_id=None,
            secret=box.close(pyotp.random_base32()),
            created_at=at,
            confirmed_at=None,
            used_at=None,
        )
    )
    session.flush()


def new_app(session: Scoped, box: SecretBox, staff: Staff, issuer: str, at: datetime) -> NewApp | None:
    """What to show for the app that was begun; None when nothing was, or too long ago.

    Args:
        issuer: the agency's name, as the app lists it.
    """
    row = _begun(session, staff, at)
    if row is None:
        return None
    seed = box.open(row.secret)
    return NewApp(seed, pyotp.TOTP(seed).provisioning_uri(name=staff.email, issuer_name=issuer))


def confirm_app(attempt: FactorTry, box: SecretBox, code: str) -> bool:
    """Connect the app that was begun, by a first code from it, as typed. Opens its own units.

    Raises:
        TooMany: too many wrong codes.
    """
    tries, staff, at = attempt.start(), attempt.staff, attempt.at
    with attempt.open_unit() as session:
        row = _begun(session, staff, at)
        step = matching_step(box.open(row.secret), code, at) if row else None
        if row is None or step is None:
            return False
        missed_nothing(session, tries)
        row.counter, row.confirmed_at, row.used_at = step, at, at
        record(session, attempt.actor, "staff.factor_added", "staff_member", staff.id, at, kind=row.kind, name=row.name)
        tell_staff(session, "factor_added", staff.id, at)
        return True


def use_app(attempt: FactorTry, box: SecretBox, code: str) -> bool:
    """Whether a code, as typed, is a fresh one of this person's apps; then it is used up. Opens its own units.

    Raises:
        TooMany: too many wrong codes.
    """
    tries, at = attempt.start(), attempt.at
    with attempt.open_unit() as session:
        apps = session.scalars(
            select(StaffFactor).where(
                StaffFactor.staff_id == attempt.staff.id,
                StaffFactor.kind == "totp",
                StaffFactor.confirmed_at.is_not(None),
            )
        ).all()
        found = [(row, step) for row in apps if (step := matching_step(box.open(row.secret), code, at)) is not None]
        if not any(move_counter(session, row, step, at) for row, step in found):
            return attempt.failed(session, "totp")
        return attempt.worked(session, tries, "totp")


def remove_factor(session: Scoped, staff: Staff, factor_id: int, actor: Actor, at: datetime) -> None:
    """Take a factor away from one's own account. The last one stays: another has to be there first.

    Raises:
        NotFound: it is not one of this person's.
        Conflict: it is their last one.
    """
    mine = select(StaffFactor).where(StaffFactor.staff_id == staff.id, StaffFactor.confirmed_at.is_not(None))
    rows = session.scalars(mine.order_by(StaffFactor.id).with_for_update()).all()
    row = next((each for each in rows if each.id == factor_id), None)
    if row is None:
        raise NotFound
    if len(rows) == 1:
        raise Conflict(text("This is your only second step. Add another one first."))
    record(session, actor, "staff.factor_removed", "staff_member", staff.id, at, kind=row.kind, name=row.name)
    delete_factors(session, StaffFactor.id == row.id)
    tell_staff(session, "factor_removed", staff.id, at)


def delete_factors(session: Scoped, *which: ColumnElement[bool]) -> None:
    """Delete factors by their conditions."""
    session.execute(delete(StaffFactor).where(*which).execution_options(synchronize_session=False))


def move_counter(session: Scoped, row: StaffFactor, counter: int, at: datetime) -> bool:
    """Note that a step was used, unless it or a later one was already: whoever comes second has a copy."""
    moved = session.execute(
        update(StaffFactor)
        .where(StaffFactor.id == row.id, StaffFactor.counter < counter)
        .values(counter=counter, used_at=at)
        .returning(StaffFactor.id)
        .execution_options(synchronize_session=False)
    )
    return moved.one_or_none() is not None


def matching_step(seed: str, code: str, at: datetime) -> int | None:
    """The time step whose code this is, however it is spaced: the present one or a neighbour. Pure.

    Args:
        seed: base32.
        code: as typed.
    """
    digits = "".join(character for character in unicodedata.normalize("NFKC", code) if character.isalnum())
    present = int(at.timestamp()) // STEP_SECONDS
    app = pyotp.TOTP(seed)
    matches = [
        present + aside
        for aside in STEPS_ASIDE
        if hmac.compare_digest(app.generate_otp(present + aside).encode(), digits.encode())
    ]
    return matches[0] if matches else None


def _begun(session: Scoped, staff: Staff, at: datetime) -> StaffFactor | None:
    return session.scalars(
        select(StaffFactor)
        .where(
            StaffFactor.staff_id == staff.id,
            StaffFactor.kind == "totp",
            StaffFactor.confirmed_at.is_(None),
            StaffFactor.created_at > at - ENROL_WITHIN,
        )
        .order_by(StaffFactor.id.desc())
        .limit(1)
    ).one_or_none()
