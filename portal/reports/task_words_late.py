"""What staff are told of the matters of past-due loans."""

from portal.access.permissions import Permission
from portal.core.text import text
from portal.reports.task_words_shape import TaskWords

MONEY = Permission.MOVE_MONEY
TERMS = Permission.MANAGE_TERMS

LATE: dict[str, TaskWords] = {
    "notice.to_confirm": TaskWords(
        text("A notice of cancelation waits to be confirmed"),
        text("Installments are past due. The agency has set that staff look before the insured gets the notice."),
        (text("On the program's page: send the notice, or take it back and call the insured."),),
        TERMS,
    ),
    "notice.to_print": TaskWords(
        text("A notice of cancelation waits to be mailed"),
        text("It goes by post: there is no e-mail address that takes it, or the agency has set so."),
        (text("Print it on the page Past due, mail it, and enter the day. Its days begin then."),),
        TERMS,
    ),
    "notice.ended": TaskWords(
        text("The days of a notice of cancelation are over"),
        text("What it names is not paid, and no payment is under way. The portal never cancels by itself."),
        (
            text("On the program's page: cancel for non-payment, or take the notice back."),
            text("Call the insured first, if you can."),
        ),
        TERMS,
    ),
    "reinstatement.part_paid": TaskWords(
        text("A reinstatement was paid in part, and its days are over"),
        text("The program stays canceled. The portal does not decide what becomes of the money."),
        (text("Ask for the rest, or refund the part: then the offer lapses by itself."),),
        MONEY,
    ),
    "loan.canceled": TaskWords(
        text("The lender is to be told of a cancelation"),
        text("A financed program was canceled. The portal has drawn up the notice, and does not send it by itself."),
        (text("On the page of the finance agreement: download the notice to the lender, and send it."),),
        TERMS,
    ),
    "loan.reinstated": TaskWords(
        text("The lender is to be told that a program goes on"),
        text("It was canceled, and is reinstated. The agreement goes on as it was signed."),
        (text("If the lender was told of the cancelation, tell them of this too."),),
        TERMS,
    ),
    "notice.debit_failed": TaskWords(
        text("A bank debit that was to stop a cancelation failed"),
        text("It had paused the notice, which goes on now. The insured was told by mail, if there is an address."),
        (text("Call the insured and ask for another way to pay."),),
        TERMS,
    ),
    "notice.not_made": TaskWords(
        text("The portal makes no notice of cancelation in this state"),
        text(
            "Installments are past due. The law of the insured's state asks for words that the portal does not print."
        ),
        (text("Draw the notice up yourself, with the words of the statute."),),
        TERMS,
    ),
}
"""By kind, as `open_task` names it."""
