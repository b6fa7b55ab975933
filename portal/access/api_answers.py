"""Answers of the API to requests with an Idempotency-Key, kept for a day: asked again, nothing is done again.

Source: draft-ietf-httpapi-idempotency-key-header.
"""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select

from portal.access.models import ApiAnswer
from portal.core.errors import BadInput
from portal.core.tenancy import Scoped
from portal.core.text import text

KEPT_FOR = timedelta(days=1)


def fingerprint(method: str, path: str, body: bytes) -> str:
    """A digest of a request, to tell whether it is the same."""
    return sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()


def kept_answer(session: Scoped, key_id: int, idempotency_key: str, of: str, at: datetime) -> ApiAnswer | None:
    """What the same request was answered; None where it is new. An answer older than a day is dropped.

    Args:
        session: a write unit, the one that does what is asked.
        of: by `fingerprint`.

    Raises:
        BadInput: the key came with another request before.
    """
    mine = ApiAnswer.key_id == key_id, ApiAnswer.idempotency_key == idempotency_key
    old = delete(ApiAnswer).where(*mine, ApiAnswer.at <= at - KEPT_FOR)
    session.execute(old.execution_options(synchronize_session=False))
    kept = session.scalars(select(ApiAnswer).where(*mine)).one_or_none()
    if kept is not None and not hmac.compare_digest(kept.fingerprint, of):
        raise BadInput(text("This Idempotency-Key came with another request before. Use a new one."))
    return kept


def keep_answer(
    session: Scoped, key_id: int, idempotency_key: str, of: str, status: int, body: str, at: datetime
) -> None:
    """Keep an answer, in the unit that makes it true."""
    session.add(
        ApiAnswer(key_id=key_id, idempotency_key=idempotency_key, fingerprint=of, status=status, body=body, at=at)
    )
    session.flush()
