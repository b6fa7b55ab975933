"""Sign-ins that did not work: the audit says whose, of the addresses that the agency knows.

The request does the same for every address: it puts a row into the outbox, and the job finds out.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.access.hats import hats_of
from portal.access.models import SignInChallenge
from portal.core.audit import Actor, record
from portal.core.outbox import enqueue
from portal.core.tenancy import Scoped

SIGN_IN_FAILED = "audit.sign_in_failed"
Reason = Literal["wrong code", "code over", "link over", "link of another browser"]


def note_failure(
    session: Scoped, challenge: SignInChallenge, reason: Reason, number: int, ip: str, at: datetime
) -> None:
    """Put a failed sign-in on its way into the audit.

    Args:
        session: a write unit.
        number: of this try; the same reason and number again change nothing, so that nobody fills the audit.
        ip: of whoever tried.
    """
    payload = {"challenge_id": challenge.id, "reason": reason, "ip": ip, "at": at.isoformat()}
    try:
        with session.begin_nested():
            enqueue(session, SIGN_IN_FAILED, f"{challenge.public_id}:{reason}:{number}", payload, at)
    except IntegrityError:  # the same try of another process is on its way already
        return


def record_failure(session: Scoped, payload: Mapping[str, Any]) -> str:
    """Write the audit line, for the job; none for an address that the agency does not know.

    Args:
        session: a write unit.
        payload: of the outbox row.

    Returns:
        The address, for a digest in the log; empty when the sign-in was erased meanwhile.
    """
    wanted = select(SignInChallenge).where(SignInChallenge.id == payload["challenge_id"])
    challenge = session.scalars(wanted).one_or_none()
    if challenge is None:
        return ""
    if hats := hats_of(session, challenge.email):
        record(
            session,
            Actor(hats[-1], challenge.email, payload["ip"]),
            f"{hats[-1]}.sign_in_failed",
            "challenge",
            challenge.id,
            datetime.fromisoformat(payload["at"]),
            reason=payload["reason"],
        )
    return challenge.email
