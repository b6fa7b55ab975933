"""Tells an insured of their autopay: it is on, a charge is coming, another method is needed, it has ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Message, Recipient


@dataclass(frozen=True, slots=True)
class Coming:
    """A charge that is coming, or money that is due.

    Args:
        what: the installment or invoice.
        amount_cents: the fee included.
    """

    what: Text | str
    on: date
    amount_cents: int


def autopay_agreed(
    recipient: Recipient,
    letterhead: Letterhead,
    *,
    program: str,
    method: Text | str,
    first: Coming | None,
    is_replaced: bool,
    authorization: Sequence[str],
    autopay_url: str,
) -> Message:
    """The copy of the authorization, for whoever has agreed.

    Args:
        method: what people call it, like "Visa ••4242".
        first: what is charged next; None if nothing is left meanwhile.
        is_replaced: autopay was on before, with another method.
        authorization: its paragraphs, as they were shown.
        autopay_url: absolute address of the program's autopay page.
    """
    if first is None:
        subject = text("Autopay is on: %(program)s", program=program)
    else:
        subject = text("Autopay is on: %(amount)s on %(date)s", amount=format_money(first.amount_cents), date=first.on)
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=subject,
        template="autopay_agreed",
        kind="autopay_agreed",
        facts={"program": program},
        context={
            "program": program,
            "method": method,
            "first": first,
            "is_replaced": is_replaced,
            "authorization": tuple(authorization),
            "autopay_url": autopay_url,
        },
    )


def autopay_notice(
    recipient: Recipient,
    letterhead: Letterhead,
    *,
    program: str,
    method: Text | str,
    coming: Coming,
    fee_cents: int,
    before_cents: int | None,
    autopay_url: str,
) -> Message:
    """That a charge is coming, three days before it.

    Args:
        coming: its day and amount.
        fee_cents: what of the amount is a fee.
        before_cents: what an earlier notice said, if it said another amount.
        autopay_url: absolute address of the program's autopay page.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text("Autopay: %(amount)s on %(date)s", amount=format_money(coming.amount_cents), date=coming.on),
        template="autopay_notice",
        kind="autopay_notice",
        facts={"amount": format_money(coming.amount_cents), "date": coming.on, "program": program},
        context={
            "program": program,
            "method": method,
            "coming": coming,
            "fee_cents": fee_cents,
            "before_cents": before_cents,
            "autopay_url": autopay_url,
        },
    )


def autopay_failed(
    recipient: Recipient,
    letterhead: Letterhead,
    *,
    program: str,
    method: Text | str,
    failed: Coming,
    due_on: date,
    reason: Text | str,
    follows: str,
    again_on: date | None,
    pay_url: str,
) -> Message:
    """That a charge did not go through, and what follows.

    Args:
        failed: the day and amount of the try.
        due_on: when the money is or was due.
        reason: what the bank said, in words for people.
        follows: `retry` on the day `again_on`, `in_person`, `ask` for another method, or `off`.
        pay_url: absolute address where it can be paid now.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text(
            "Autopay of %(amount)s on %(date)s did not go through",
            amount=format_money(failed.amount_cents),
            date=failed.on,
        ),
        template="autopay_failed",
        kind="autopay_failed",
        facts={"amount": format_money(failed.amount_cents), "date": failed.on, "program": program},
        context={
            "program": program,
            "method": method,
            "failed": failed,
            "due_on": due_on,
            "reason": reason,
            "follows": follows,
            "again_on": again_on,
            "pay_url": pay_url,
        },
    )


def autopay_asks(
    recipient: Recipient,
    letterhead: Letterhead,
    *,
    program: str,
    method: Text | str,
    coming: Coming,
    autopay_url: str,
) -> Message:
    """That the next payment cannot be taken until the method is replaced."""
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text(
            "Your payment of %(amount)s on %(date)s needs another payment method",
            amount=format_money(coming.amount_cents),
            date=coming.on,
        ),
        template="autopay_asks",
        kind="autopay_asks",
        facts={"amount": format_money(coming.amount_cents), "date": coming.on, "program": program},
        context={"program": program, "method": method, "coming": coming, "autopay_url": autopay_url},
    )


def autopay_ended(
    recipient: Recipient,
    letterhead: Letterhead,
    *,
    program: str,
    method: Text | str,
    why: Text,
    due: Sequence[Coming],
    program_url: str,
) -> Message:
    """That autopay is off, why, and what is then due and when.

    Args:
        due: what is open, the earliest first; a few of it.
        program_url: absolute address of the program's page.
    """
    if due:
        subject = text(
            "Autopay is off: %(amount)s is due on %(date)s",
            amount=format_money(due[0].amount_cents),
            date=due[0].on,
        )
    else:
        subject = text("Autopay is off: %(program)s", program=program)
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=subject,
        template="autopay_ended",
        kind="autopay_ended",
        facts={"program": program},
        context={"program": program, "method": method, "why": why, "due": tuple(due), "program_url": program_url},
    )


def card_expires(
    recipient: Recipient,
    letterhead: Letterhead,
    *,
    method: Text | str,
    expires_on: date,
    programs: Sequence[str],
    after: Coming | None,
    autopay_url: str,
) -> Message:
    """That the card which autopay charges expires soon.

    Args:
        expires_on: its last day.
        programs: what it pays.
        after: the first charge that it would not pay any more; None if there is none.
        autopay_url: absolute address where it is replaced.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text("Your card for autopay expires on %(date)s", date=expires_on),
        template="card_expires",
        kind="card_expires",
        facts={"date": expires_on},
        context={
            "method": method,
            "expires_on": expires_on,
            "programs": tuple(programs),
            "after": after,
            "autopay_url": autopay_url,
        },
    )
