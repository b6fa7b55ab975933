"""What each role of the agency's staff may do: one table, read by routes, templates and the page that shows it.

Source: the roles of the product, each with all of the one before.
"""

from enum import StrEnum

from portal.agencies.found import ROLES, Role
from portal.core.text import Text, text


class Permission(StrEnum):
    """One thing that staff may do."""

    VIEW = "view"
    SEND_LINKS = "send_links"
    MANAGE_PROGRAMS = "manage_programs"
    MOVE_MONEY = "move_money"
    MANAGE_TERMS = "manage_terms"
    MANAGE_PARTNERS = "manage_partners"
    SEE_REPORTS = "see_reports"
    MANAGE_STAFF = "manage_staff"
    MANAGE_AGENCY = "manage_agency"
    SEE_AUDIT = "see_audit"
    MERGE_CUSTOMERS = "merge_customers"
    MANAGE_PERSONAL_DATA = "manage_personal_data"


LOWEST_ROLE: dict[Permission, Role] = {
    Permission.VIEW: "support",
    Permission.SEND_LINKS: "support",
    Permission.MANAGE_PROGRAMS: "producer",
    Permission.MOVE_MONEY: "accountant",
    Permission.MANAGE_TERMS: "accountant",
    Permission.MANAGE_PARTNERS: "accountant",
    Permission.SEE_REPORTS: "accountant",
    Permission.MANAGE_STAFF: "admin",
    Permission.MANAGE_AGENCY: "admin",
    Permission.SEE_AUDIT: "admin",
    Permission.MERGE_CUSTOMERS: "admin",
    Permission.MANAGE_PERSONAL_DATA: "admin",
}
"""The table: the first role, from the least to the most, that has the permission."""

PERMISSION_WORDS: dict[Permission, Text] = {
    Permission.VIEW: text(
        "See customers, programs, invoices and payments; look at the portal as a customer; write notes"
    ),
    Permission.SEND_LINKS: text("Copy, send and replace payment links"),
    Permission.MANAGE_PROGRAMS: text("Create, change, renew and archive programs; one-time invoices; change e-mails"),
    Permission.MOVE_MONEY: text("Record checks and wires, refund, void, waive"),
    Permission.MANAGE_TERMS: text("Cancel and reinstate, change due dates, loan terms, fees and reminders"),
    Permission.MANAGE_PARTNERS: text("Add and change partners, and what they keep or receive"),
    Permission.SEE_REPORTS: text("Reports and exports"),
    Permission.MANAGE_STAFF: text("Staff members and their roles"),
    Permission.MANAGE_AGENCY: text("Branding, integrations, keys and guest payments"),
    Permission.SEE_AUDIT: text("The audit trail"),
    Permission.MERGE_CUSTOMERS: text("Merge customers or partners who are the same"),
    Permission.MANAGE_PERSONAL_DATA: text("Export and erase a customer's personal data"),
}

ROLE_WORDS: dict[Role, Text] = {
    "support": text("Support"),
    "producer": text("Producer"),
    "accountant": text("Accountant"),
    "admin": text("Admin"),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether a role has a permission."""
    return ROLES.index(role) >= ROLES.index(LOWEST_ROLE[permission])
