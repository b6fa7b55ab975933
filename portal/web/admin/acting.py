"""Who acts, for the audit: the staff member of this request and where they are."""

from flask import request

from portal.core.audit import Actor
from portal.web.guards import current_staff


def actor() -> Actor:
    """The staff member of this request."""
    return Actor("staff", current_staff().email, request.remote_addr or "")
