"""What staff are told of each kind of matter: what the machine would not decide, what happened, the choices."""

from portal.access.permissions import Permission
from portal.core.text import Text, text
from portal.reports.task_words_autopay import AUTOPAY
from portal.reports.task_words_late import LATE
from portal.reports.task_words_partners import PARTNERS
from portal.reports.task_words_policies import POLICIES
from portal.reports.task_words_shape import TaskWords as TaskWords

MONEY = Permission.MOVE_MONEY
TERMS = Permission.MANAGE_TERMS
_AT_STRIPE = text("Look the payment up at the processor by its reference, and compare.")
_OPERATOR = text("Tell whoever runs the portal; the words of the error help them.")
_KEYS = text("An admin enters working keys, or asks the processor what is wrong with the account.")

TASK_WORDS: dict[str, TaskWords] = {
    **AUTOPAY,
    **LATE,
    **PARTNERS,
    **POLICIES,
    "event.stuck": TaskWords(
        text("News from the processor could not be worked"),
        text("The portal has tried for a day. What the news was about may differ from what the portal shows."),
        (_OPERATOR, text("It is tried again by itself; mark it as done once the payment is right.")),
    ),
    "outbox.stuck": TaskWords(
        text("Something does not leave the portal"),
        text("A mail or message was tried again and again. The portal keeps trying, and does not give up by itself."),
        (_OPERATOR, text("If it is urgent, tell the customer in another way.")),
    ),
    "guest.breaker": TaskWords(
        text("Look-ups are being guessed at"),
        text(
            "Too many policy numbers and ZIPs did not fit within an hour. Look-ups by third parties ask for more now."
        ),
        (
            text("Wait: it opens again by itself when the guessing stops."),
            text("An admin can close look-ups for the whole agency on the page Help."),
        ),
    ),
    "connection.stalled": TaskWords(
        text("BindHQ's feed is not read any more"),
        text("Policies that are bound there do not come in. Nothing is lost: reading goes on where it stopped."),
        (
            text("Look at the page BindHQ runs: its errors say what BindHQ answers."),
            text("If there are none, tell whoever runs the portal that the worker may stand still."),
        ),
        Permission.MANAGE_AGENCY,
    ),
    "payment.receipt_refused": TaskWords(
        text("BindHQ does not take a receipt, or does not give one back"),
        text("The money is at the agency's bank and in the books here. BindHQ says what it has against the receipt."),
        (
            text("Look at the invoice in BindHQ: it may be paid by hand there, void, or billed to somebody else."),
            text("Correct it there; the portal tries again by itself, within the hour."),
            text("If the receipt was entered by hand, void that one, or leave this and mark it as done."),
        ),
        MONEY,
    ),
    "mail.refused": TaskWords(
        text("Mail does not reach an address"),
        text(
            "The recipient's mail server does not take mail for it, or somebody here saw a mail come back. "
            "Reminders to a customer's address have stopped; nothing is sent to it again by itself."
        ),
        (
            text("Ask the customer for their address, and correct it by “E-mail addresses and sign-in” on their page."),
            text("Until then print what they must know, and send it by post."),
            text("If the address is right, say there that it works, then open the mail and send it again."),
        ),
    ),
    "payment.unknown_status": TaskWords(
        text("The processor says something of a payment that the portal does not know"),
        text("The payment was left as it is, and holds its invoices: nobody can pay them meanwhile."),
        (_AT_STRIPE, _OPERATOR),
        MONEY,
    ),
    "payment.refund_due": TaskWords(
        text("Money came in that no invoice takes"),
        text(
            "A payment succeeded after its invoice was paid or closed. The money is in the books as the customer's "
            "credit; whether they get it back is for a person to say."
        ),
        (
            text("Refund it, after asking the customer."),
            text("Keep it as credit for what is due next, if the customer agrees."),
        ),
        MONEY,
    ),
    "payment.amount_differs": TaskWords(
        text("Another amount came in than was charged"),
        text("The books have what really came in. Why it differs, the portal cannot know."),
        (_AT_STRIPE, text("Ask the customer for the rest, or refund what is too much.")),
        MONEY,
    ),
    "payment.down_payment_returned": TaskWords(
        text("The down payment of a loan went back"),
        text("The loan is bound all the same: its installments are due, and the lender may have paid already."),
        (
            text("Ask the customer to pay the down payment again; it is open."),
            text("If they do not, the agreement says what may be canceled and when. Tell the lender."),
        ),
        MONEY,
    ),
    "payment.reinstatement_returned": TaskWords(
        text("The payment that reinstated a program went back"),
        text("The program and its loan go on all the same; what the reinstatement asked for is open again."),
        (
            text("Ask the customer to pay it again; it is open."),
            text("If they do not, the agreement says what may be canceled and when. Tell the carriers and the lender."),
        ),
        MONEY,
    ),
    "payment.stuck": TaskWords(
        text("A payment does not come to its end"),
        text("It is older than a week. The portal never calls a payment failed on its own: money may have moved."),
        (_AT_STRIPE, text("Cancel it there if it has not moved money; the portal learns of it by itself.")),
        MONEY,
    ),
    "payment.other_account": TaskWords(
        text("A payment is open at an account that the agency no longer uses"),
        text("The portal has no keys to ask that account, so it cannot learn what became of the payment."),
        (text("Look it up at the processor, under the former account."), _OPERATOR),
        MONEY,
    ),
    "payment.confirm_refused": TaskWords(
        text("The processor refused to carry out a payment"),
        text("It was no decline of a card: the request itself was refused. Nothing was charged."),
        (text("Ask the customer to try again."), _OPERATOR),
        MONEY,
    ),
    "payment.intent_refused": TaskWords(
        text("The processor refused to begin a payment"),
        text("The payment was stopped, and its invoices are free again. Nothing was charged."),
        (text("Ask the customer to try again."), _OPERATOR),
        MONEY,
    ),
    "payment.stray_intent": TaskWords(
        text("A payment that was given up is still open at the processor"),
        text("The portal could not cancel it there. It was never confirmed, so it moves no money by itself."),
        (text("Cancel it at the processor."),),
        MONEY,
    ),
    "payment.unknown_intent": TaskWords(
        text("The processor knows a payment that the portal does not"),
        text(
            "It was made after the backup that was restored, and does not say for which invoices. Money may have moved."
        ),
        (_AT_STRIPE, text("Record or refund it by hand, after asking the customer.")),
        MONEY,
    ),
    "balance.unexplained": TaskWords(
        text("Money moved at the processor that the portal cannot explain"),
        text(
            "It belongs to no payment, refund, dispute or payout that the portal knows. In the books it stands as not "
            "explained yet, until it is."
        ),
        (
            text("Look it up at the processor by its number, under Balance."),
            text("If it is about another business on the same account, ask whoever keeps the books."),
        ),
        MONEY,
    ),
    "comparison.charge": TaskWords(
        text("The processor has charged what the portal does not have as paid"),
        text("Or it has charged another amount. The books were not changed by this."),
        (_AT_STRIPE, _OPERATOR),
        MONEY,
    ),
    "comparison.twice": TaskWords(
        text("The processor has charged a payment twice"),
        text("This must never happen. The books have one of the charges; the customer is owed the other."),
        (_AT_STRIPE, text("Refund one of them there."), _OPERATOR),
        MONEY,
    ),
    "comparison.movement": TaskWords(
        text("A movement at the processor is not in the books as the processor lists it"),
        text("Its amount or fee differs, or it was never read. The books were not changed by this."),
        (text("Look it up at the processor by its number, under Balance."), _OPERATOR),
        MONEY,
    ),
    "comparison.entry": TaskWords(
        text("The books have money at the processor that it does not show"),
        text("A day after the entry the processor lists no movement for it. The books were not changed by this."),
        (text("Look at the processor whether the money is there."), _OPERATOR),
        MONEY,
    ),
    "payout.by_hand": TaskWords(
        text("A payout was made by hand"),
        text("The processor does not say which payments are in such a payout. Its amount is in the books."),
        (
            text("Ask who made it, and why; the portal expects payouts by the processor's schedule alone."),
            text("Match it with the payments by hand, if your books need that."),
        ),
        MONEY,
    ),
    "payout.failed": TaskWords(
        text("A payout did not reach the bank"),
        text("The bank has sent it back. The money is at the processor again, and in the books there."),
        (text("Check the bank account at the processor; it pays out again once that is right."),),
        MONEY,
    ),
    "payout.differs": TaskWords(
        text("A payout is not what its payments add up to"),
        text("The processor's list of what it pays out does not add up to what went to the bank."),
        (text("Compare the payout's page here with the processor's."), _OPERATOR),
        MONEY,
    ),
    "dispute.opened": TaskWords(
        text("A payer disputes a payment"),
        text(
            "Their card's bank has taken the money back and the processor a fee; what it had paid is open again. "
            "Unless evidence is handed in by the day below, the dispute is lost."
        ),
        (
            text("Hand evidence in at the processor: the invoice, the receipt, what the customer agreed to."),
            text("Or accept it there. Then ask the customer to pay another way."),
            text("Look at the due dates: coverage may depend on this payment."),
        ),
        MONEY,
    ),
    "dispute.inquiry": TaskWords(
        text("A card's bank asks about a payment"),
        text("No money has moved. Without an answer by the day below it can become a dispute."),
        (
            text("Answer at the processor, with the invoice and the receipt."),
            text("Or refund the payment here, if the customer is right: then it cannot become a dispute."),
        ),
        MONEY,
    ),
    "dispute.lost": TaskWords(
        text("A dispute is lost"),
        text("The money stays with the payer. What the payment had paid is open again."),
        (text("Ask the customer to pay another way."), text("Look at the due dates: coverage may depend on it.")),
        MONEY,
    ),
    "dispute.returned": TaskWords(
        text("A bank debit was returned"),
        text(
            "The payer's bank has taken it back after it had succeeded. This is final: what it had paid is open again, "
            "the account is not debited any more, and the payer was told."
        ),
        (
            text("Ask the customer for another way to pay."),
            text("Look at the due dates: coverage may depend on this payment."),
        ),
        MONEY,
    ),
    "dispute.unmatched": TaskWords(
        text("A dispute took more than its payment still paid"),
        text("Some of the payment was refunded or moved before. What nothing covers waits in suspense in the books."),
        (_AT_STRIPE, text("Was it refunded and disputed? Then the payer has the money twice: ask for it back.")),
        MONEY,
    ),
    "refund.failed": TaskWords(
        text("A refund came back"),
        text(
            "The payer's bank did not take it. The money is still owed: it is in the books as the customer's credit, "
            "and the payer was told that you will contact them."
        ),
        (
            text("Ask the customer, then pay the credit out in another way on its page."),
            text("Or use the credit for an invoice, if the customer agrees."),
        ),
        MONEY,
    ),
    "refund.refused": TaskWords(
        text("The processor refused a refund"),
        text("No money has left. What was promised is undone: its invoices are paid again as far as they were open."),
        (_AT_STRIPE, text("Was it refunded there already? Then the portal learns of it by itself.")),
        MONEY,
    ),
    "refund.canceled": TaskWords(
        text("A refund was canceled at the processor"),
        text("Its bank had not taken it yet. Its invoices are paid again as far as they are open; the rest is credit."),
        (text("If the customer is still to get the money, refund the payment again."),),
        MONEY,
    ),
    "refund.found": TaskWords(
        text("A refund was made at the processor, not here"),
        text(
            "The portal has taken it into the books: first from the payment's credit, then from its last invoice on, "
            "the card fee last. What is unmatched waits in suspense."
        ),
        (
            text("See whether these are the invoices that were meant; they are open again."),
            text("Ask whoever made it to refund from the portal next time."),
        ),
        MONEY,
    ),
    "refund.stuck": TaskWords(
        text("A refund does not come to its end"),
        text("It is older than ten days. The portal keeps asking and sends nothing twice."),
        (_AT_STRIPE,),
        MONEY,
    ),
    "refund.unknown_status": TaskWords(
        text("The processor says something of a refund that the portal does not know"),
        text("The refund was left as it is."),
        (_AT_STRIPE, _OPERATOR),
        MONEY,
    ),
    "refund.amount_differs": TaskWords(
        text("The processor refunded another amount than was asked for"),
        text("The books have what was asked for. Why it differs, the portal cannot know."),
        (_AT_STRIPE,),
        MONEY,
    ),
    "refund.other_account": TaskWords(
        text("A refund is open at an account that the agency no longer uses"),
        text("The portal has no keys to ask that account, so it cannot learn what became of the refund."),
        (text("Look it up at the processor, under the former account."), _OPERATOR),
        MONEY,
    ),
    "check.bounced": TaskWords(
        text("A check bounced"),
        text(
            "The bank did not pay it. What it had paid is open again; whether to charge a fee is for a person to say. "
            "If some is unmatched, it had paid a void invoice, and waits in suspense; a reinstated loan owes it again."
        ),
        (
            text("The customer was told by mail, if there is an address; else call and ask for another way to pay."),
            text("If some is unmatched, they were not told of it: call, and tell whoever keeps the books."),
            text("Look at the due dates: coverage may depend on this payment."),
        ),
        MONEY,
    ),
    "host.lost": TaskWords(
        text("A host of your own no longer leads to the portal"),
        text("It worked before. Two looks in a row found it wrong. The links in your mails still lead there."),
        (
            text("On the page Hosts: check it, and follow the step that stands there."),
            text("If you do not need it any more, remove it there: mails then lead to the portal's own address."),
        ),
        Permission.MANAGE_AGENCY,
    ),
    "processor.keys_refused": TaskWords(
        text("The processor refuses the agency's keys"),
        text("The portal takes no payments online until working keys are entered. Payments under way wait."),
        (_KEYS,),
        Permission.MANAGE_AGENCY,
    ),
}
"""By kind, as `open_task` names it."""

FACT_WORDS: dict[str, Text] = {
    "what": text("What"),
    "host": text("Host"),
    "error": text("Error"),
    "policy": text("Policy"),
    "changed": text("What has changed"),
    "step": text("The step by hand"),
    "attempts": text("Tries"),
    "mail": text("Kind of mail"),
    "answer": text("Answer"),
    "status": text("Its status there"),
    "state": text("State"),
    "account": text("Account"),
    "amount_cents": text("Amount"),
    "cents": text("Too much"),
    "received_cents": text("Received"),
    "difference_cents": text("Difference"),
    "payment": text("Payment"),
    "why": text("Why"),
    "reference": text("Reference"),
    "since": text("Since"),
    "invoice": text("Invoice"),
    "code": text("The bank's code"),
    "title": text("What it stands for"),
    "seen_cents": text("There"),
    "due": text("Answer by"),
    "due_date": text("Due date"),
    "taken_back_cents": text("Taken back"),
    "unmatched_cents": text("Unmatched"),
    "pay_by": text("Pay by"),
    "agreement": text("Agreement"),
    "lender": text("Lender"),
    "partner": text("Partner"),
}
"""By the name of a detail; amounts end in "cents"."""

DISPUTE_WORDS: dict[str, Text] = {
    "bank_cannot_process": text("The bank could not process it"),
    "check_returned": text("The check was returned"),
    "credit_not_processed": text("A refund was promised and did not come"),
    "customer_initiated": text("The customer told their bank to take it back"),
    "debit_not_authorized": text("The customer says that they did not authorize the debit"),
    "duplicate": text("They say that they were charged twice"),
    "fraudulent": text("They say that they did not make this payment"),
    "general": text("No reason was given"),
    "incorrect_account_details": text("The account number was wrong"),
    "insufficient_funds": text("There was not enough money in the account"),
    "noncompliant": text("It did not follow the card network's rules"),
    "product_not_received": text("They say that they did not get what they paid for"),
    "product_unacceptable": text("They say that it was not what was promised"),
    "subscription_canceled": text("They say that they had canceled"),
    "unrecognized": text("They do not recognize the payment"),
}
"""By the processor's code (https://docs.stripe.com/disputes/categories)."""
