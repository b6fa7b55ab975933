"""How a status looks: its words, a tone and an icon, so that colour is never the only signal."""

from typing import Literal, NamedTuple

from portal.core.text import Text, text

Tone = Literal["ok", "warn", "bad", "info", "busy", "neutral"]


class Look(NamedTuple):
    """One status as people see it; `icon` is a name of templates/components/icons.html."""

    label: Text
    tone: Tone
    icon: str


LOOKS: dict[str, Look] = {
    # programs
    "incomplete": Look(text("Incomplete"), "neutral", "circle-dashed"),
    "payment_due": Look(text("Payment due"), "info", "calendar"),
    "processing": Look(text("Processing"), "busy", "clock"),
    "active": Look(text("Active"), "ok", "check"),
    "endorsement_due": Look(text("Endorsement due"), "info", "calendar"),
    "overdue": Look(text("Overdue"), "bad", "alert"),
    "pending_cancelation": Look(text("Pending cancelation"), "bad", "alert"),
    "canceled": Look(text("Canceled"), "neutral", "cross"),
    "reinstatement_due": Look(text("Reinstatement due"), "warn", "calendar"),
    "completed": Look(text("Completed"), "ok", "check"),
    "archived": Look(text("Archived"), "neutral", "archive"),
    # invoices
    "draft": Look(text("Draft"), "neutral", "circle-dashed"),
    "awaiting_payment": Look(text("Due"), "info", "calendar"),
    "paid": Look(text("Paid"), "ok", "check"),
    "void": Look(text("Void"), "neutral", "cross"),
    "written_off": Look(text("Closed"), "neutral", "cross"),
    "partly_refunded": Look(text("Partly refunded"), "neutral", "undo"),
    "refunded": Look(text("Refunded"), "neutral", "undo"),
    # payments
    "upcoming": Look(text("Upcoming"), "neutral", "calendar"),
    "created": Look(text("Started"), "neutral", "circle-dashed"),
    "ready": Look(text("Started"), "neutral", "circle-dashed"),
    "submitted": Look(text("Processing"), "busy", "clock"),
    "action_required": Look(text("Your bank asks you to confirm"), "warn", "alert"),
    "succeeded": Look(text("Paid"), "ok", "check"),
    "clearing": Look(text("Check received, clearing"), "busy", "clock"),
    "declined": Look(text("Declined"), "bad", "cross"),
    "failed": Look(text("Failed"), "bad", "cross"),
    "returned": Look(text("Returned"), "bad", "undo"),
    "disputed": Look(text("Disputed"), "warn", "alert"),
    "refund_under_way": Look(text("Refund on its way"), "busy", "clock"),
    "refund_came_back": Look(text("Refund came back"), "bad", "alert"),
    "credited": Look(text("Kept as credit"), "info", "undo"),
    # refunds and disputes
    "refund_requested": Look(text("Asked for"), "busy", "clock"),
    "refund_pending": Look(text("On its way"), "busy", "clock"),
    "refund_requires_action": Look(text("Waits for you"), "warn", "alert"),
    "refund_succeeded": Look(text("Refunded"), "ok", "undo"),
    "refund_failed": Look(text("Came back"), "bad", "cross"),
    "refund_canceled": Look(text("Not made"), "neutral", "cross"),
    "dispute_won": Look(text("Won"), "ok", "check"),
    "dispute_lost": Look(text("Lost"), "bad", "cross"),
    "inquiry": Look(text("Inquiry"), "info", "alert"),
    "inquiry_closed": Look(text("Inquiry closed"), "neutral", "check"),
    # finance agreements
    "loan_signed": Look(text("Signed"), "info", "calendar"),
    "loan_bound": Look(text("Active"), "ok", "check"),
    "loan_paid_off": Look(text("Paid off"), "ok", "check"),
    "loan_withdrawn": Look(text("Withdrawn"), "neutral", "cross"),
    "loan_canceled": Look(text("Canceled"), "neutral", "cross"),
    # payouts to partners, and the runs that they are in
    "partner_payout_proposed": Look(text("Proposed"), "info", "circle-dashed"),
    "partner_payout_approved": Look(text("Approved"), "busy", "clock"),
    "partner_payout_left_out": Look(text("Left out"), "neutral", "cross"),
    "partner_payout_dropped": Look(text("Dropped"), "neutral", "cross"),
    "partner_payout_paid": Look(text("Paid"), "ok", "check"),
    "partner_payout_returned": Look(text("Came back"), "bad", "undo"),
    # payouts of the processor
    "payout_pending": Look(text("Ordered"), "busy", "clock"),
    "payout_in_transit": Look(text("On its way"), "busy", "clock"),
    "payout_paid": Look(text("At the bank"), "ok", "check"),
    "payout_failed": Look(text("Sent back by the bank"), "bad", "undo"),
    "payout_canceled": Look(text("Canceled"), "neutral", "cross"),
    # imports
    "import_queued": Look(text("Waiting"), "busy", "clock"),
    "import_processing": Look(text("Being imported"), "busy", "clock"),
    "import_imported": Look(text("Imported"), "ok", "check"),
    "import_failed": Look(text("Failed"), "bad", "cross"),
    "import_ignored": Look(text("Ignored"), "neutral", "circle-dashed"),
    "import_voided": Look(text("Voided"), "neutral", "archive"),
}


def look_of(status: str) -> Look:
    """How a status of a program, invoice or payment looks.

    Raises:
        KeyError: no such status.
    """
    return LOOKS[status]
