"""The insured's pages, and the way in."""

from portal.web.insured import (
    add_method,
    autopay,
    checkout,
    home,
    invoice,
    loan,
    methods,
    pay,
    program,
    sign_in,
    verify_method,
)
from portal.web.insured.blueprint import routes

__all__ = [
    "add_method",
    "autopay",
    "checkout",
    "home",
    "invoice",
    "loan",
    "methods",
    "pay",
    "program",
    "routes",
    "sign_in",
    "verify_method",
]
