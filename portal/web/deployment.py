"""Pages of the deployment itself: without an agency."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import reading_global
from portal.web.guards import deployment
from portal.web.services import services

routes = Blueprint("deployment", __name__)


@routes.get("/healthz")
@deployment
def healthz() -> ResponseReturnValue:
    """Whether this process answers and reaches its database."""
    with reading_global(services().engine) as session:
        session.execute(select(Agency.id).limit(1))
    return {"status": "ok"}
