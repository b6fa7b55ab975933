"""Ten codes for the day a staff member's second factor is lost: shown once, kept as slow hashes, each good once."""

import hmac
import secrets
from datetime import datetime
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import delete, func, select, update

from portal.access.factor_tries import FactorTry
from portal.access.models import StaffRecoveryCode
from portal.access.staff import Staff
from portal.access.staff_news import tell_staff
from portal.core.audit import Actor, record
from portal.core.secrets import derive_key
from portal.core.tenancy import Scoped

MANY = 10
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without those that look alike: 31 of them, so that ten make 49 bits."""

_SLOW = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""Argon2id with a salt, as strong as OWASP asks at the least, over a keyed digest: 49 bits alone could be guessed."""


def new_recovery_codes(session: Scoped, secret: str, staff: Staff, actor: Actor, at: datetime) -> list[str]:
    """Make ten codes in place of those there were.

    Args:
        session: a write unit.
        secret: the deployment's; the digests are keyed.

    Returns:
        The codes as people write them, "abcde-fghjk"; they cannot be read again.
    """
    session.execute(
        delete(StaffRecoveryCode)
        .where(StaffRecoveryCode.staff_id == staff.id)
        .execution_options(synchronize_session=False)
    )
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(MANY)]
    session.add_all(
        StaffRecoveryCode(
            staff_id=staff.id, code_hash=_SLOW.hash(_digest(secret, staff, code)), created_at=at, used_at=None
        )
        for code in codes
    )
    record(session, actor, "staff.recovery_codes_made", "staff_member", staff.id, at)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_codes_left(session: Scoped, staff_id: int) -> int:
    """How many codes have not been used."""
    left = select(func.count(StaffRecoveryCode.id)).where(
        StaffRecoveryCode.staff_id == staff_id, StaffRecoveryCode.used_at.is_(None)
    )
    return session.scalar(left) or 0


def use_recovery_code(attempt: FactorTry, code: str) -> bool:
    """Whether this, as typed, is a code that was not used yet; then it is used up, and its owner is told by mail.

    Opens its own units.

    Raises:
        TooMany: too many wrong codes.
    """
    tries, staff, at = attempt.start(), attempt.staff, attempt.at
    with attempt.open_unit() as session:
        unused = session.execute(
            select(StaffRecoveryCode.id, StaffRecoveryCode.code_hash).where(
                StaffRecoveryCode.staff_id == staff.id, StaffRecoveryCode.used_at.is_(None)
            )
        ).all()
    digest = _digest(attempt.secret, staff, code)
    fitting = next((row.id for row in unused if _fits(row.code_hash, digest)), None)  # slow: no unit is open
    with attempt.open_unit() as session:
        used = session.execute(
            update(StaffRecoveryCode)
            .where(StaffRecoveryCode.id == fitting, StaffRecoveryCode.used_at.is_(None))
            .values(used_at=at)
            .returning(StaffRecoveryCode.id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if used is None:
            return attempt.failed(session, "recovery_code")
        tell_staff(session, "recovery_code_used", staff.id, at)
        return attempt.worked(session, tries, "recovery_code")


def _fits(kept: str, digest: str) -> bool:
    try:
        return _SLOW.verify(kept, digest)
    except VerifyMismatchError:
        return False


def _digest(secret: str, staff: Staff, code: str) -> str:
    plain = "".join(character for character in code.lower() if character.isalnum())
    key = derive_key(secret, "recovery codes")
    return hmac.new(key, f"{staff.id}|{plain}".encode(), sha256).hexdigest()
