"""For everyone who signs in: which hat to wear, where they are signed in, staying signed in, another address."""

from portal.web.account import browsers, choose, email_change, partners, show
from portal.web.account.blueprint import routes

__all__ = ["browsers", "choose", "email_change", "partners", "routes", "show"]
