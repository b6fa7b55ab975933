"""A third party's pages: look a policy up, see what is open, pay it."""

from portal.web.guest import lookup
from portal.web.guest.blueprint import routes

__all__ = ["lookup", "routes"]
