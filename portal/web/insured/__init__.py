"""The insured's pages, and the way in."""

from portal.web.insured import home, invoice, pay, program, sign_in
from portal.web.insured.blueprint import routes

__all__ = ["home", "invoice", "pay", "program", "routes", "sign_in"]
