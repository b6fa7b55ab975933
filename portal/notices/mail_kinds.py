"""The mails to customers and payers for which an agency may have words of its own, and what these may name."""

from dataclasses import dataclass

from portal.core.text import Text, text

STANDING: tuple[str, ...] = ("name", "agency", "phone")
"""Places that every mail can fill."""


@dataclass(frozen=True, slots=True)
class MailKind:
    """One kind of mail.

    Args:
        title: what staff call it.
        facts: the places of this mail besides `STANDING`: those that its message has under `facts`.
        in_subject: the facts that an own subject has to name, since the standard one does; None: the subject says
            what has happened, which is not always the same, and stays as it is.
    """

    title: Text
    facts: tuple[str, ...]
    in_subject: tuple[str, ...] | None

    @property
    def places(self) -> tuple[str, ...]:
        """All that its words may name."""
        return (*STANDING, *self.facts)

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of it that may be one's own."""
        return ("opening", "closing") if self.in_subject is None else ("subject", "opening", "closing")


_MONEY = ("amount", "date")
KINDS: dict[str, MailKind] = {
    "payment_link": MailKind(text("Payment link"), (*_MONEY, "program"), _MONEY),
    "payment_reminder": MailKind(text("Reminder before the due date and on it"), (*_MONEY, "program"), _MONEY),
    "payment_overdue": MailKind(text("Reminder after the due date"), (*_MONEY, "program"), _MONEY),
    "payment_receipt": MailKind(text("Receipt"), _MONEY, _MONEY),
    "bank_debit": MailKind(text("Bank debit under way"), (*_MONEY, "program"), ("amount",)),
    "payment_failed": MailKind(text("Payment that did not go through"), (*_MONEY, "program"), _MONEY),
    "payment_returned": MailKind(text("Bank debit that came back"), _MONEY, ("amount",)),
    "check_bounced": MailKind(text("Check that came back"), _MONEY, ("amount",)),
    "paid_by_third_party": MailKind(text("Paid by somebody else"), _MONEY, _MONEY),
    "refund_sent": MailKind(text("Refund on its way"), _MONEY, ("amount",)),
    "late_fee": MailKind(text("Late fee"), _MONEY, _MONEY),
    "autopay_agreed": MailKind(text("Autopay is on"), ("program",), None),
    "autopay_notice": MailKind(text("Autopay: what is charged soon"), (*_MONEY, "program"), _MONEY),
    "autopay_asks": MailKind(text("Autopay needs another payment method"), (*_MONEY, "program"), _MONEY),
    "autopay_failed": MailKind(text("Autopay did not go through"), (*_MONEY, "program"), _MONEY),
    "autopay_ended": MailKind(text("Autopay is off"), ("program",), None),
    "card_expires": MailKind(text("Card for autopay expires"), ("date",), ("date",)),
    "loan_bound": MailKind(text("Loan has begun"), _MONEY, _MONEY),
    "reinstated": MailKind(text("Coverage is in force again"), ("date", "program"), ("date",)),
}
"""By name, in the order in which staff read them. What is missing here has its words fixed: `FIXED` says why."""

FIXED: tuple[Text, ...] = (
    text("Sign-in, changed e-mail addresses, saved payment methods: a reader must know these at a glance."),
    text("Notice of cancelation, canceled coverage and how it comes back: the law has a say in their words."),
    text("Disputes, refunds that came back, changes of a program: what they say depends on what has happened."),
)
LANGUAGES: dict[str, Text] = {"en": text("English"), "es": text("Spanish")}
"""The languages in which mails are written."""
LOCALES: dict[str, str] = {"en": "en_US", "es": "es_US"}
"""How dates and amounts are written in each."""

PLACE_WORDS: dict[str, Text] = {
    "name": text("whom the mail is to"),
    "agency": text("your agency's name"),
    "phone": text("your agency's phone number"),
    "amount": text("the amount that the mail is about"),
    "date": text("the day that the mail is about"),
    "program": text("the program, or what else is to be paid"),
}
"""What stands in each place."""
