"""What a host answers to the portal's own look: which agency of which deployment it leads to."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.agencies.hosts import proof_of
from portal.web.guards import public
from portal.web.services import agency, services

routes = Blueprint("host_proof", __name__)


@routes.get("/.well-known/portal-host")
@public
def portal_host() -> ResponseReturnValue:
    """A proof for this host and agency; it says nothing to anybody else."""
    host = request.host.partition(":")[0]
    return Response(proof_of(services().secret, host, agency().id), mimetype="text/plain")
