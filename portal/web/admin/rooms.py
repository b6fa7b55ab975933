"""The rooms of the staff area as its navigation lists them, with the permission that each needs."""

from typing import NamedTuple

from portal.access.permissions import Permission
from portal.core.text import Text, text


class Room(NamedTuple):
    """One entry of the navigation.

    Args:
        endpoint: the room's first page.
        also: the endpoints of its other pages; the entry is marked on them too.
        note: what is set there; of a room behind Settings.
    """

    words: Text
    endpoint: str
    permission: Permission
    also: tuple[str, ...] = ()
    note: Text | None = None

    def holds(self, endpoint: str) -> bool:
        """Whether a page belongs to this room, or to one behind it."""
        behind = SETTINGS if self.endpoint == "admin.settings" else ()
        return endpoint == self.endpoint or endpoint in self.also or any(room.holds(endpoint) for room in behind)


SETTINGS: tuple[Room, ...] = (
    Room(
        text("Branding"),
        "admin.brand",
        Permission.MANAGE_AGENCY,
        ("admin.save_brand", "admin.save_brand_logo"),
        text("Color, logo, name and where customers reach you, with a preview"),
    ),
    Room(
        text("Mail texts"),
        "admin.mail_text_list",
        Permission.MANAGE_AGENCY,
        ("admin.mail_text", "admin.test_mail_text"),
        text("Your own words in the mails to your customers, with a preview"),
    ),
    Room(
        text("Fees"),
        "admin.fees",
        Permission.MANAGE_TERMS,
        ("admin.save_fees", "admin.save_parts"),
        text("What paying by card or bank costs, who bears it, and whether part of an invoice may be paid"),
    ),
    Room(
        text("Hosts"),
        "admin.hosts",
        Permission.MANAGE_AGENCY,
        ("admin.remove_host_page",),
        text("Addresses of your own at which customers reach the portal"),
    ),
    Room(
        text("Payment processor"),
        "admin.processor",
        Permission.MANAGE_AGENCY,
        ("admin.check_processor",),
        text("The keys of the agency’s Stripe account, and whether its events arrive"),
    ),
    Room(
        text("Check and wire"),
        "admin.check_and_wire",
        Permission.MANAGE_AGENCY,
        note=text("Where checks and wires go, as invoices say it"),
    ),
    Room(
        text("Reminders"),
        "admin.reminders",
        Permission.MANAGE_TERMS,
        (
            "admin.reminder_preview",
            "admin.reminder_preview_csv",
            "admin.program_reminder_preview",
            "admin.one_time_reminder_preview",
        ),
        text("Which mail leaves on which day, and who gets what tomorrow"),
    ),
    Room(
        text("Past due"),
        "admin.late",
        Permission.MANAGE_TERMS,
        ("admin.print_queue",),
        text("Late fees, notices of cancelation, reinstatement"),
    ),
    Room(
        text("Financing"),
        "admin.lending",
        Permission.MANAGE_TERMS,
        ("admin.save_lending", "admin.agreement_text"),
        text("Rates, plans and states, and the words of the agreement"),
    ),
    Room(
        text("Commissions and statements"),
        "admin.partner_rules_page",
        Permission.MANAGE_TERMS,
        note=text("Whether commission is taken back, and on which day partners get their statements"),
    ),
    Room(
        text("Lists"),
        "admin.kept_lists",
        Permission.MANAGE_TERMS,
        note=text("Carriers, wholesalers and coverage types"),
    ),
    Room(
        text("BindHQ"),
        "admin.bindhq",
        Permission.MANAGE_AGENCY,
        (
            "admin.check_bindhq",
            "admin.bindhq_account",
            "admin.bindhq_mappings",
            "admin.policy_runs",
            "admin.read_bindhq_export",
        ),
        text("Bound policies come in, receipts go out"),
    ),
    Room(
        text("Staff"),
        "admin.members",
        Permission.MANAGE_STAFF,
        ("admin.new_member", "admin.member", "admin.roles"),
        text("Who works here, and in which role"),
    ),
    Room(
        text("API keys"),
        "admin.api_keys",
        Permission.MANAGE_AGENCY,
        note=text("Keys by which your own systems read and write here"),
    ),
    Room(
        text("Merged partners"),
        "admin.partner_merges",
        Permission.MERGE_CUSTOMERS,
        ("admin.merge_partner",),
        text("Partners who are the same: what was merged, and what may be"),
    ),
)
"""The rooms behind the one called Settings."""

ROOMS: tuple[Room, ...] = (
    Room(text("Start"), "admin.home", Permission.VIEW),
    Room(text("Needs attention"), "admin.attention", Permission.VIEW, ("admin.close_matter",)),
    Room(
        text("Programs"),
        "admin.programs",
        Permission.VIEW,
        (
            "admin.search",
            "admin.remind_programs",
            "admin.archive_programs",
            "admin.export_programs",
            "admin.add_program_document",
            "admin.remove_program_document",
            "admin.write_program_note",
            "admin.program",
            "admin.imports",
            "admin.one_import",
            "admin.new_program",
            "admin.choose_customer",
            "admin.edit_program_page",
            "admin.replace_payment_link",
            "admin.mail",
            "admin.insured_email",
            "admin.one_time",
            "admin.change_one",
            "admin.cancel_one",
            "admin.offline_payment",
            "admin.check_outcome",
            "admin.one_time_offline",
            "admin.one_time_check",
            "admin.add_one_time_check_image",
            "admin.payment",
            "admin.refund_payment",
            "admin.add_check_image",
            "admin.program_terms",
            "admin.signer",
            "admin.loan",
            "admin.loan_funding",
            "admin.withdraw_agreement",
            "admin.waive_fee",
            "admin.send_notice",
            "admin.cancel_program",
            "admin.reinstate_program",
            "admin.withdraw_reinstatement",
            "admin.withdraw_notice",
            "admin.archive_program",
            "admin.unarchive_program",
            "admin.change_due_date",
            "admin.void_invoice",
            "admin.write_off",
            "admin.payoff_quote",
            "admin.endorse_policy",
            "admin.confirm_return",
            "admin.cancel_on_wish",
            "admin.renew_program",
        ),
    ),
    Room(
        text("Customers"),
        "admin.customers",
        Permission.VIEW,
        ("admin.customer", "admin.new_one_time", "admin.view_as", "admin.edit_customer", "admin.merge_customer"),
    ),
    Room(
        text("Partners"),
        "admin.partners",
        Permission.VIEW,
        ("admin.partner", "admin.new_partner", "admin.edit_partner"),
    ),
    Room(text("Invoices"), "admin.invoices", Permission.VIEW),
    Room(text("Payments"), "admin.payments", Permission.VIEW),
    Room(text("Payouts"), "admin.payouts", Permission.SEE_REPORTS, ("admin.payout", "admin.payout_csv")),
    Room(
        text("Partner payouts"),
        "admin.partner_payouts",
        Permission.SEE_REPORTS,
        (
            "admin.payout_run",
            "admin.approve_payouts",
            "admin.drop_payouts",
            "admin.payouts_paid",
            "admin.partner_payout",
            "admin.payout_returned",
        ),
    ),
    Room(
        text("Partner statements"),
        "admin.partner_statements",
        Permission.SEE_REPORTS,
        ("admin.partner_statement",),
    ),
    Room(
        text("Credits"),
        "admin.credits_page",
        Permission.VIEW,
        (
            "admin.credit",
            "admin.use_credit",
            "admin.pay_credit_out",
            "admin.partner_credit",
            "admin.use_partner_credit",
            "admin.pay_partner_credit_out",
        ),
    ),
    Room(text("Reports"), "admin.reports", Permission.SEE_REPORTS, ("admin.report", "admin.trial_balance")),
    Room(text("Audit"), "admin.audit", Permission.SEE_AUDIT),
    Room(text("Settings"), "admin.settings", Permission.MANAGE_TERMS),
    Room(text("Help"), "admin.help_page", Permission.VIEW),
)
