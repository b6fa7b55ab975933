"""Tells the insured that their coverage was canceled, how it can come back, and that it is back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Message, Recipient


@dataclass(frozen=True, slots=True)
class CoverageNews:
    """What has happened.

    Args:
        news: canceled, reinstatement (it can come back) or reinstated.
        program: its name.
        policies: what it covers: number and coverage.
        on: the day of the cancelation or of the reinstatement.
        agreement: number of the loan.
        amount_cents: what brings it back; 0 where nothing does.
        pay_by: until when.
        next_due: day and cents of the installment that comes next; None where there is none.
    """

    news: str
    program: str
    policies: Sequence[tuple[str, str]]
    on: date
    agreement: str
    amount_cents: int = 0
    pay_by: date | None = None
    next_due: tuple[date, int] | None = None


def coverage_news(recipient: Recipient, letterhead: Letterhead, about: CoverageNews, *, url: str) -> Message:
    """Make the mail.

    Args:
        recipient: the insured.
        letterhead: the agency's.
        url: absolute address of the program, or of where to pay.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=_subject(about),
        template="coverage_news",
        kind="reinstated" if about.news == "reinstated" else "",
        facts={"date": about.on, "program": about.program},
        context={"about": about, "url": url},
    )


def _subject(about: CoverageNews) -> Text:
    match about.news:
        case "canceled":
            return text("Your insurance was canceled on %(date)s", date=about.on)
        case "reinstatement":
            amount = format_money(about.amount_cents)
            return text("Pay %(amount)s by %(date)s, and your coverage comes back", amount=amount, date=about.pay_by)
        case _:
            return text("Your insurance is in force again since %(date)s", date=about.on)
