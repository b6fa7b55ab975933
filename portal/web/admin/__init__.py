"""The staff's pages, and their second factor."""

from portal.web.admin import audit, enrol, help, home, mails, program, search, second_factor
from portal.web.admin.blueprint import routes

__all__ = ["audit", "enrol", "help", "home", "mails", "program", "routes", "search", "second_factor"]
