"""Notes at which agency a partner's user comes in, so that they find all their accounts from any of them."""

from contextlib import suppress

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from portal.core.tenancy import reading, writing_global
from portal.jobs.context import OutboxItem
from portal.partners.logins import keep_login
from portal.partners.models import PartnerUser


def keep_partner_login(engine: Engine, secret: str, item: OutboxItem) -> None:
    """From an outbox row; two workers at once note it once.

    Args:
        secret: the deployment's.
    """
    with reading(engine, item.agency_id) as session:
        email = session.get_one(PartnerUser, item.payload["user_id"]).email
    with suppress(IntegrityError), writing_global(engine) as unscoped:
        keep_login(unscoped, secret, email, item.agency_id)
