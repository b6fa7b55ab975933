"""Who acts, for the audit: the partner's user of this request and where they are."""

from flask import request

from portal.core.audit import Actor
from portal.web.guards import current_seat


def actor() -> Actor:
    """The partner's user of this request."""
    return Actor("partner", current_seat().email, request.remote_addr or "")
