"""Webhook endpoints: an address that wants events, and the secret that signs them."""

import secrets

from stripe.params import (
    WebhookEndpointCreateParams,
    WebhookEndpointDeleteParams,
    WebhookEndpointListParams,
    WebhookEndpointRetrieveParams,
)

from portal.sandbox.stripe.state.objects import Json, Stored, new_id
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.listing import page
from portal.sandbox.stripe.wire.refusals import Refusal, no_such


def create(call: Call) -> Json:
    """Register an address. Only this answer shows its secret."""
    url = call.params["url"]
    if not url.startswith(("http://", "https://")):
        raise Refusal(400, "Invalid URL: An explicit scheme (such as https) must be provided.", "url_invalid", "url")
    secret = "whsec_" + secrets.token_hex(32)
    body: Json = {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "api_version": call.params.get("api_version"),
        "application": None,
        "created": call.now,
        "description": call.params.get("description") or None,
        "enabled_events": call.params["enabled_events"],
        "livemode": False,
        "metadata": call.params.get("metadata") or {},
        "status": "enabled",
        "url": url,
    }
    call.objects.add("webhook_endpoint", body, {"secret": secret})
    return {**body, "secret": secret}


def load(call: Call) -> Stored:
    """The endpoint named in the path, or 404."""
    found = call.objects.find("webhook_endpoint", call.path["id"])
    if found is None:
        raise no_such("webhook endpoint", call.path["id"], "webhook_endpoint", 404)
    return found


def retrieve(call: Call) -> Json:
    """One endpoint, without its secret."""
    return load(call).body


def delete(call: Call) -> Json:
    """Forget an address; what is still on its way to it is dropped."""
    endpoint = load(call)
    call.objects.remove(endpoint)
    call.objects.connection.execute(
        "UPDATE delivery SET state = 'dropped' WHERE endpoint_id = ? AND state IN ('due', 'held')", (endpoint.id,)
    )
    return {"id": endpoint.id, "object": "webhook_endpoint", "deleted": True}


def list_endpoints(call: Call) -> Json:
    """The account's endpoints."""
    return page(call, "webhook_endpoint", "/v1/webhook_endpoints")


ENDPOINTS = (
    Endpoint("webhook_endpoints.create", "POST", "/v1/webhook_endpoints", WebhookEndpointCreateParams, create),
    Endpoint("webhook_endpoints.list", "GET", "/v1/webhook_endpoints", WebhookEndpointListParams, list_endpoints),
    Endpoint(
        "webhook_endpoints.retrieve", "GET", "/v1/webhook_endpoints/<id>", WebhookEndpointRetrieveParams, retrieve
    ),
    Endpoint("webhook_endpoints.delete", "DELETE", "/v1/webhook_endpoints/<id>", WebhookEndpointDeleteParams, delete),
)
