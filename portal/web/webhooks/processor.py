"""The payment processor's webhook: verify, store by its event id, answer at once; a job works it."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.agencies.keys import stored_keys
from portal.payments import inbox
from portal.web.guards import processor_only
from portal.web.services import services
from portal.web.units import close_read_unit, read_unit

routes = Blueprint("webhooks", __name__, url_prefix="/webhooks")


@routes.post("/processor")
@processor_only
def processor() -> ResponseReturnValue:
    """Keep an event, also while payments are paused. A known one is answered like a new one.

    One of the wrong mode is ignored.
    """
    parts = services()
    keys = stored_keys(read_unit(), parts.box)
    close_read_unit()
    if keys is None:
        return "", 200
    event = parts.processor.verify(
        request.get_data(), request.headers.get("Stripe-Signature", ""), keys.webhook_secrets
    )
    if event is None:
        return "signature not accepted", 400
    if event.is_live == keys.secret_key.startswith("sk_live_"):
        inbox.store(parts.engine, keys.account, event, parts.now())
    return "", 200
