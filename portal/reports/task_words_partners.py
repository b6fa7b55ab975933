"""What staff are told of the matters of partners: their commissions, and who waits to be let in."""

from portal.access.permissions import Permission
from portal.core.text import text
from portal.reports.task_words_shape import TaskWords

MONEY = Permission.MOVE_MONEY

PARTNERS: dict[str, TaskWords] = {
    "partner_user.held": TaskWords(
        text("Somebody waits to be let in for a partner"),
        text(
            "An import or your own systems named them as a user of the partner. Their e-mail domain is not that of the "
            "partner's admins, so they see nothing yet."
        ),
        (
            text("Ask the partner whether they belong to it; then approve them on the partner's page."),
            text("If they do not, leave it: they cannot come in. Mark this as done."),
        ),
        Permission.MANAGE_PARTNERS,
    ),
    "partner_payouts.proposed": TaskWords(
        text("Payouts to partners wait to be approved"),
        text("The schedule has proposed to pay out commission. Nothing leaves until an accountant approves it."),
        (text("On the page Partner payouts: look through the run, and approve or drop it."),),
        MONEY,
    ),
    "partner_payout.returned": TaskWords(
        text("A payout to a partner came back"),
        text("The partner's bank did not take it. The commission is owed again, and comes with the next run."),
        (
            text("Ask the partner for the right bank account, and enter it where you pay from."),
            text("Until that is settled, leave the partner out of the next run."),
        ),
        MONEY,
    ),
}
"""By kind, as `open_task` names it."""
