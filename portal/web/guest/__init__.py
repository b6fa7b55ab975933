"""A third party's pages: look a policy up or open a payment link, see what is open, pay it."""

from portal.web.guest import lookup, pay
from portal.web.guest.blueprint import routes
from portal.web.guest.link import routes as link_routes

__all__ = ["link_routes", "lookup", "pay", "routes"]
