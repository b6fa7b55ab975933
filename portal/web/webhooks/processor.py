"""The payment processor's webhook: verify, store by its event id, answer at once; a job works it."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError

from portal.agencies.keys import read_keys
from portal.core.tenancy import writing_global
from portal.payments import inbox
from portal.web.guards import processor_only
from portal.web.services import services
from portal.web.units import close_read_unit, read_unit

routes = Blueprint("webhooks", __name__, url_prefix="/webhooks")


@routes.post("/processor")
@processor_only
def processor() -> ResponseReturnValue:
    """Keep an event. A known one is answered like a new one; one of the wrong mode is ignored."""
    parts = services()
    keys = read_keys(read_unit(), parts.box)
    close_read_unit()
    if keys is None:
        return "", 200
    event = parts.processor.verify(
        request.get_data(), request.headers.get("Stripe-Signature", ""), keys.webhook_secrets
    )
    if event is None:
        return "signature not accepted", 400
    if event.is_live == keys.secret_key.startswith("sk_live_"):
        try:
            with writing_global(parts.engine) as session:
                inbox.store(session, keys.account, event, parts.now())
        except IntegrityError:
            pass  # the same event arrived twice at the same moment
    return "", 200
