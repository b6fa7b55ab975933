"""What staff are told of the matters of autopay."""

from portal.access.permissions import Permission
from portal.core.text import text
from portal.reports.task_words_shape import TaskWords

MONEY = Permission.MOVE_MONEY

AUTOPAY: dict[str, TaskWords] = {
    "autopay.not_charged": TaskWords(
        text("Autopay did not charge an invoice"),
        text(
            "It was due on autopay. given_back: something had paid it and came back, so that the customer may not "
            "expect a charge. method: the method cannot be charged at the agency's present account. refused: the "
            "processor would not begin the charge; a matter of its own says why, and it is tried on three days. "
            "amount: a bank debit is tried again for the same amount only."
        ),
        (
            text("Call the customer, and send them the payment link."),
            text("If they do not want autopay any more, stop it on the program's page."),
        ),
        MONEY,
    ),
    "autopay.not_begun": TaskWords(
        text("Autopay that was asked for with a payment could not begin"),
        text(
            "The customer has agreed to autopay while paying. The payment has succeeded, and autopay is off all the "
            "same: the processor kept no method, or nothing further is due."
        ),
        (text("Tell the customer that they can turn it on themselves, on the program's autopay page."),),
    ),
    "autopay.returned": TaskWords(
        text("A bank sent an autopay debit back for a reason that is not about money"),
        text("Autopay does not try it again. The bank says something that a person has to look at."),
        (
            text("Call the customer, and ask what is wrong."),
            text("If they did not want it, stop autopay on the program's page."),
        ),
        MONEY,
    ),
}
"""By kind, as `open_task` names it."""
