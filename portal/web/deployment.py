"""Pages of the deployment itself, for those who run it: without an agency, for any host."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from portal.core.heartbeat import last_beat
from portal.core.revisions import newest_revisions, revisions_of
from portal.core.tenancy import reading_global
from portal.web.guards import deployment
from portal.web.services import services

SILENT_AFTER_SECONDS = 90

routes = Blueprint("deployment", __name__)


@routes.get("/healthz")
@deployment
def healthz() -> ResponseReturnValue:
    """Whether this process answers; it asks nobody else, so that a restart is never tried against a lost database."""
    return {"status": "ok"}


@routes.get("/readyz")
@deployment
def readyz() -> ResponseReturnValue:
    """Whether requests can be sent here: the database is reachable and of this version; 503 if not.

    A worker that is silent is said, and no reason to take no payments: they end by themselves once it is back.
    """
    parts = services()
    try:
        with parts.engine.connect() as connection:
            is_current = revisions_of(connection) == newest_revisions()
        if not is_current:
            return {"status": "not ready", "database": "of another version"}, 503
        with reading_global(parts.engine) as session:
            beat_at = last_beat(session)
    except SQLAlchemyError:
        return {"status": "not ready", "database": "out of reach"}, 503
    is_heard = beat_at is not None and (parts.now() - beat_at).total_seconds() < SILENT_AFTER_SECONDS
    return {"status": "ready", "database": "ok", "worker": "ok" if is_heard else "silent"}
