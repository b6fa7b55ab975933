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


def endorsed(what: str, parts: Sequence[tuple[date, int]]) -> ProgramNews:
    """A policy costs more: what is due when."""
    cents = sum(part for _, part in parts)
    amount = format_money(cents)
    return ProgramNews(
        text("Your policy has changed: %(amount)s to pay", amount=amount),
        text("Your policy has changed"),
        text("%(what)s. This adds %(amount)s to what you pay.", what=what, amount=amount),
        [(text("Due %(date)s", date=day), part) for day, part in parts],
        cents if len(parts) == 1 else 0,
    )


@dataclass(frozen=True, slots=True)
class CameBack:
    """Premium that came back, and where it went, in cents.

    Args:
        balance_cents: what a loan that ended still needs, due by `balance_due`.
    """

    returned_cents: int
    loan_cents: int
    invoices_cents: int
    credit_cents: int
    balance_cents: int = 0
    balance_due: date | None = None

    @property
    def rows(self) -> list[tuple[Text | str, int]]:
        """For the mail."""
        found: list[tuple[Text | str, int]] = [(text("Comes back to you"), self.returned_cents)]
        if self.loan_cents - self.balance_cents:
            found.append((text("Goes to your loan"), self.loan_cents - self.balance_cents))
        if self.invoices_cents:
            found.append((text("Pays your open bills"), self.invoices_cents))
        if self.credit_cents:
            found.append((text("Is kept as your credit"), self.credit_cents))
        if self.balance_due:
            found.append((text("Your loan still needs, by %(date)s", date=self.balance_due), self.balance_cents))
        return found


def credited(what: str, came: CameBack) -> ProgramNews:
    """A policy costs less."""
    amount = format_money(came.returned_cents)
    return ProgramNews(
        text("Your policy has changed: %(amount)s come back", amount=amount),
        text("Your policy has changed"),
        text("%(what)s. You get a part of your premium back.", what=what),
        came.rows,
    )


def canceled(policies: Sequence[str], on: date, came: CameBack, *, is_whole: bool) -> ProgramNews:
    """Coverage has ended at the insured's own wish."""
    numbers = ", ".join(policies)
    says = (
        text(
            "As you asked, %(policies)s ended on %(date)s. You have no coverage from then on.",
            policies=numbers,
            date=on,
        )
        if is_whole
        else text("As you asked, %(policies)s ended on %(date)s. Your other policies go on.", policies=numbers, date=on)
    )
    return ProgramNews(
        text("You are no longer covered by %(policies)s", policies=numbers),
        text("Your coverage has ended"),
        says,
        came.rows,
        came.balance_cents,
    )
