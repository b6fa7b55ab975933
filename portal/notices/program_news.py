"""Tells the insured what staff have changed of a program: what is due now, what is not, what comes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Message, Recipient


@dataclass(frozen=True, slots=True)
class ProgramNews:
    """What has happened, in the words of the mail.

    Args:
        rows: words with their cents.
        pay_cents: what the button pays; 0: it leads to the program.
    """

    subject: Text
    heading: Text
    says: Text
    rows: Sequence[tuple[Text | str, int]] = ()
    pay_cents: int = 0


def program_news(recipient: Recipient, letterhead: Letterhead, about: ProgramNews, *, url: str) -> Message:
    """Make the mail.

    Args:
        recipient: the insured.
        letterhead: the agency's.
        url: absolute address of the program, or of where to pay.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=about.subject,
        template="program_news",
        context={"about": about, "url": url},
    )


def due_date_changed(what: Text | str, cents: int, due_date: date) -> ProgramNews:
    """An invoice is due on another day."""
    amount = format_money(cents)
    return ProgramNews(
        text("New due date: %(amount)s by %(date)s", amount=amount, date=due_date),
        text("You have a new due date"),
        text("We have changed the day by which you pay this. It is now %(date)s.", date=due_date),
        [(text("%(what)s, due %(date)s", what=what, date=due_date), cents)],
        cents,
    )


def invoice_voided(what: Text | str, cents: int) -> ProgramNews:
    """An invoice is taken back."""
    return ProgramNews(
        text("You do not have to pay %(amount)s", amount=format_money(cents)),
        text("We took an invoice back"),
        text("You do not owe this any more. Please do not pay it."),
        [(what, cents)],
    )


def payoff_quoted(number: str, through: date, open_cents: int, saved_cents: int) -> ProgramNews:
    """What ends a loan early."""
    cents = open_cents - saved_cents
    return ProgramNews(
        text("Pay off your loan by %(date)s: %(amount)s", date=through, amount=format_money(cents)),
        text("This pays off your loan"),
        text(
            "Pay this by %(date)s, and your loan %(number)s ends. If you pay sooner, you pay less: your portal shows "
            "the amount of the day.",
            date=through,
            number=number,
        ),
        [
            (text("Open installments"), open_cents),
            (text("Interest that you save"), -saved_cents),
            (text("To pay by %(date)s", date=through), cents),
        ],
    )
