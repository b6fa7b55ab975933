"""What staff are told of the matters that BindHQ brings: what was voided, changed or reinstated there."""

from portal.access.permissions import Permission
from portal.core.text import text
from portal.reports.task_words_shape import TaskWords

MONEY = Permission.MOVE_MONEY
TERMS = Permission.MANAGE_TERMS

POLICIES: dict[str, TaskWords] = {
    "connection.refused": TaskWords(
        text("BindHQ refuses the connection"),
        text("The API key, the address or the client code is wrong. Nothing comes in until that is mended."),
        (text("An admin corrects it under Settings, BindHQ, and tests the connection there."),),
        Permission.MANAGE_AGENCY,
    ),
    "policy_system.voided_paid": TaskWords(
        text("Voided in BindHQ, and paid here"),
        text("Nothing more is collected. The portal does not pay money back by itself."),
        (
            text("Refund the payment, after asking the customer: on the program's page, which stays in the archive."),
            text("Keep the money where it is owed all the same, and write down why."),
        ),
        MONEY,
    ),
    "policy_system.voided_financed": TaskWords(
        text("Voided in BindHQ, and financed here"),
        text("A finance agreement is active: the program was not archived, and its installments are still due."),
        (text("Cancel the program by its actions, and settle the loan with the lender."),),
        TERMS,
    ),
    "policy_system.changed": TaskWords(
        text("Changed in BindHQ after it was paid or billed further"),
        text("Nothing was altered here. What differs is named below; the page of the import shows the whole record."),
        (text("Endorse the policy for the difference, refund it, or leave it as it is."),),
        TERMS,
    ),
    "policy_system.reinstated": TaskWords(
        text("Reinstated in BindHQ"),
        text("Reinstatements are not synced: it takes a step by hand here."),
        (
            text("If a payment was made and the program is canceled: Actions, Reinstate."),
            text("If nothing was paid and the program is archived: Actions, take it out of the archive."),
        ),
        TERMS,
    ),
    "policy_system.canceled": TaskWords(
        text("Canceled in BindHQ"),
        text("Cancelations are not synced: premium comes back, and a lender may have to be told."),
        (text("Cancel the program by its actions; with a loan, the rules of its notices hold."),),
        TERMS,
    ),
    "policy_system.endorsed_apart": TaskWords(
        text("An endorsement stands apart from its policy"),
        text("It came in before its policy, and is a program of its own. Nothing was joined by itself."),
        (
            text("Leave both, if the customer pays them apart."),
            text("Or archive the endorsement's program while nothing is paid on it, and endorse the policy instead."),
        ),
        Permission.MANAGE_PROGRAMS,
    ),
}
"""By kind, as `open_task` names it."""
