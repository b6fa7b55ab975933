"""The staff's pages, and their second factor."""

from portal.web.admin import (
    account,
    attention,
    audit,
    check_images,
    enrol,
    help,
    home,
    insured_email,
    mails,
    members,
    offline_payment,
    passkeys,
    payouts,
    program,
    search,
    second_factor,
    trial_balance,
)
from portal.web.admin.blueprint import routes

__all__ = [
    "account",
    "attention",
    "audit",
    "check_images",
    "enrol",
    "help",
    "home",
    "insured_email",
    "mails",
    "members",
    "offline_payment",
    "passkeys",
    "payouts",
    "program",
    "routes",
    "search",
    "second_factor",
    "trial_balance",
]
