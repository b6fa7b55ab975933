"""Where somebody who works with several agencies has a partner's seat: found by a keyed digest of the address."""

import hmac
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from portal.core.outbox import enqueue
from portal.core.secrets import derive_key
from portal.core.tenancy import Scoped, Unscoped
from portal.partners.models import PartnerLogin

KEEP_LOGIN = "partner.login"


def want_login(session: Scoped, user_id: int, at: datetime) -> None:
    """Have the worker, which has the key, note that a user's address comes in at this agency.

    Args:
        session: the write unit that adds the user.
    """
    enqueue(session, KEEP_LOGIN, f"{user_id}:{at.timestamp():.6f}", {"user_id": user_id}, at)


def keep_login(session: Unscoped, secret: str, email: str, agency_id: int) -> None:
    """Note that an address comes in at an agency; done twice, it changes nothing.

    Args:
        secret: the deployment's.
    """
    if agency_id not in agencies_of(session, secret, email):
        session.add(PartnerLogin(email_digest=_digest(secret, email), agency_id=agency_id))
        session.flush()


def agencies_of(session: Unscoped, secret: str, email: str) -> list[int]:
    """The agencies at which an address may have a seat, by id.

    Args:
        secret: the deployment's.
        email: as `parse_email` writes it.
    """
    known = select(PartnerLogin.agency_id).where(PartnerLogin.email_digest == _digest(secret, email))
    return list(session.scalars(known.order_by(PartnerLogin.agency_id)))


def _digest(secret: str, email: str) -> str:
    return hmac.new(derive_key(secret, "partner login"), email.encode(), sha256).hexdigest()
