"""The staff's pages, and their second factor."""

from portal.web.admin import enrol, home, second_factor
from portal.web.admin.blueprint import routes

__all__ = ["enrol", "home", "routes", "second_factor"]
