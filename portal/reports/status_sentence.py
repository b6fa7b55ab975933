"""The status of a program as one or two sentences. Pure."""

from datetime import date

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.programs.lifecycle import ProgramStatus
from portal.reports.cancelation import SeenNotice
from portal.reports.owed import Owed


def status_sentence(
    status: ProgramStatus,
    *,
    owed: Owed | None,
    processing_cents: int,
    coverage_ends: date | None,
    canceled_on: date | None,
    is_paid_by_partner: bool,
    notice: SeenNotice | None = None,
) -> Text:
    """Say where a program stands.

    Args:
        status: as `program_status` has it.
        owed: what this person can pay.
        processing_cents: payments under way.
        coverage_ends: when the last policy expires.
        is_paid_by_partner: agency bill, which the partner pays.
        notice: of intent to cancel, while its clock runs.
    """
    if status == "reinstatement_due" and owed is not None:
        return text(
            "This was canceled on %(date)s. Pay %(amount)s by %(until)s, and your coverage comes back.",
            date=canceled_on,
            amount=format_money(owed.amount_cents),
            until=owed.due_date,
        )
    if status == "canceled" and owed is not None:
        open_amount = format_money(owed.all_cents)
        return text("This was canceled on %(date)s. You still owe %(amount)s.", date=canceled_on, amount=open_amount)
    if status == "canceled":
        return text("This was canceled on %(date)s.", date=canceled_on)
    if status == "completed":
        return text("Everything is paid, and the policies have ended.")
    if is_paid_by_partner:
        return text("Your insurance agent pays this for you. There is nothing for you to pay here.")
    if status == "incomplete":
        return text("We are still getting this ready. There is nothing to pay yet.")
    if notice is not None:
        return notice.sentence
    if owed is None and processing_cents:
        return text(
            "Your payment of %(amount)s is on its way. Please do not pay again.", amount=format_money(processing_cents)
        )
    if owed is None:
        return text("Everything is paid. You are covered until %(date)s.", date=coverage_ends)
    amount = format_money(owed.amount_cents)
    if owed.is_overdue:
        return text("%(amount)s was due on %(date)s. Please pay it now.", amount=amount, date=owed.due_date)
    if status == "endorsement_due":
        return text("Your policy has changed. Please pay %(amount)s by %(date)s.", amount=amount, date=owed.due_date)
    if status == "active":
        return text("You are covered. Please pay %(amount)s by %(date)s.", amount=amount, date=owed.due_date)
    return text("Please pay %(amount)s by %(date)s.", amount=amount, date=owed.due_date)
