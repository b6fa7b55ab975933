"""Asks for what is due: before the due date, on it, after it, or because staff send the payment link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead, Line
from portal.notices.message import Message, Recipient


@dataclass(frozen=True, slots=True)
class DueInvoice:
    """An invoice that is asked for."""

    title: Text | str
    due_on: date
    open_cents: int


@dataclass(frozen=True, slots=True)
class LateFee:
    """What is added when it stays unpaid, where the agency, the state and the agreement have such a fee."""

    cents: int
    on: date


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for.

    Args:
        what: the program as the reader may know it; empty for a one-time payment, which its title says.
        invoices: at least one, those due first in front.
        is_coverage: policies depend on it.
        late_fee: what follows; None if nothing is added.
    """

    what: str
    invoices: Sequence[DueInvoice]
    is_coverage: bool
    late_fee: LateFee | None = None


def payment_reminder(
    recipient: Recipient, letterhead: Letterhead, asked: Asked, *, today: date, payment_url: str
) -> Message:
    """Make the mail: its words follow from the days, whichever step it was for.

    Args:
        recipient: who is asked to pay.
        letterhead: the agency's.
        today: the day at the agency on which it leaves.
        payment_url: absolute address of the payment link.
    """
    total_cents = sum(invoice.open_cents for invoice in asked.invoices)
    first = asked.invoices[0].due_on
    overdue_cents = sum(invoice.open_cents for invoice in asked.invoices if invoice.due_on < today)
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=_subject(total_cents, overdue_cents, first, today),
        template="payment_reminder",
        kind="payment_overdue" if first < today else "payment_reminder",
        facts={"amount": format_money(total_cents), "date": first, "program": asked.what or asked.invoices[0].title},
        context={
            "heading": _heading(first, today),
            "caption": text("Past due") if overdue_cents == total_cents else text("Amount due"),
            "total_cents": total_cents,
            "what": asked.what,
            "lines": [_line(invoice, today) for invoice in asked.invoices],
            "consequence": _consequence(first < today, asked.is_coverage),
            "late_fee": _late_fee(asked.late_fee),
            "payment_url": payment_url,
        },
    )


def _subject(total_cents: int, overdue_cents: int, first: date, today: date) -> Text:
    amount = format_money(total_cents)
    if overdue_cents == total_cents:
        return text("%(amount)s is past due since %(date)s", amount=amount, date=first)
    if overdue_cents:
        return text("%(amount)s to pay, a part of it since %(date)s", amount=amount, date=first)
    if first == today:
        return text("%(amount)s is due today, %(date)s", amount=amount, date=first)
    return text("%(amount)s is due on %(date)s", amount=amount, date=first)


def _heading(first: date, today: date) -> Text:
    if first < today:
        return text("A payment is past due")
    if first == today:
        return text("A payment is due today")
    days = (first - today).days
    return text("A payment is due tomorrow") if days == 1 else text("A payment is due in %(days)s days", days=days)


def _line(invoice: DueInvoice, today: date) -> Line:
    detail = (
        text("Past due since %(date)s", date=invoice.due_on)
        if invoice.due_on < today
        else text("Due on %(date)s", date=invoice.due_on)
    )
    return Line(invoice.title, invoice.open_cents, detail)


def _consequence(is_overdue: bool, is_coverage: bool) -> Text:
    match is_overdue, is_coverage:
        case True, True:
            return text("Pay now. If it stays unpaid, your coverage can be canceled.")
        case True, False:
            return text("Please pay now, or call us if you need more time.")
        case False, True:
            return text("If it is not paid by then, your coverage can be canceled.")
        case _:
            return text("If it is not paid by then, it will be past due.")


def _late_fee(fee: LateFee | None) -> Text | None:
    if fee is None:
        return None
    return text(
        "If it is not paid before %(date)s, a late fee of %(amount)s is added.",
        date=fee.on,
        amount=format_money(fee.cents),
    )
