"""Failed sign-ins into audit and log: the audit names whom the agency knows, the log has a digest of any address."""

import structlog
from sqlalchemy import Engine

from portal.access.failed_sign_ins import record_failure
from portal.access.limits import SIGN_IN_ADDRESS, counted
from portal.core.secrets import derive_key
from portal.core.tenancy import writing
from portal.jobs.context import OutboxItem

_log = structlog.get_logger("portal.jobs")


def keep_failed_sign_in(engine: Engine, secret: str, item: OutboxItem) -> None:
    """Work one row.

    Args:
        secret: the deployment's; the digest is the one that the tries of this address are counted under.
    """
    with writing(engine, item.agency_id) as session:
        email = record_failure(session, item.payload)
    digest = counted(derive_key(secret, "limits"), SIGN_IN_ADDRESS, email).subject
    _log.warning("signin.failed", agency_id=item.agency_id, digest=digest, said=item.payload["reason"])
