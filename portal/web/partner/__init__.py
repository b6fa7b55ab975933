"""The pages of partners: organizations that pay the agency's invoices or receive its commissions."""

from portal.web.partner import balances, clients, commissions, credit, help, home, pay, payments, statements, users
from portal.web.partner.blueprint import routes

__all__ = [
    "balances",
    "clients",
    "commissions",
    "credit",
    "help",
    "home",
    "pay",
    "payments",
    "routes",
    "statements",
    "users",
]
