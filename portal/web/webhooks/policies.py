"""BindHQ's webhook: verify, store by its event id, answer at once; it only wakes the job that reads the feed."""

from collections.abc import Mapping
from typing import cast

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.policy_system.announcing import keep_announcement
from portal.policy_system.connection import connection_of, webhook_secrets
from portal.policy_system.protocol import Malformed, NotTheirs
from portal.web.guards import processor_only
from portal.web.services import services
from portal.web.units import read_unit, write_unit

routes = Blueprint("policy_webhooks", __name__, url_prefix="/webhooks")


@routes.post("/bindhq/<int:connection_id>")
@processor_only
def bindhq(connection_id: int) -> ResponseReturnValue:
    """Keep an announcement; one that is known already is answered with 200."""
    parts = services()
    row = connection_of(read_unit())
    if row is None or row.id != connection_id or not row.is_enabled:
        return "", 401
    secrets, client_code = webhook_secrets(row, parts.box), row.client_code
    try:
        event = parts.policy_systems.announced(
            request.get_data(), cast(Mapping[str, str], request.headers), secrets, client_code, parts.now()
        )
    except NotTheirs:
        return "signature not accepted", 401
    except Malformed:
        return "not an event", 400
    with write_unit() as session:
        is_new = keep_announcement(session, event.id, event.kind, parts.now())
    return "", 202 if is_new else 200
