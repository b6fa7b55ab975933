"""The insured's pages, and the way in."""

from portal.web.insured import sign_in
from portal.web.insured.blueprint import routes

__all__ = ["routes", "sign_in"]
