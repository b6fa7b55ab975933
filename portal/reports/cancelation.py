"""A notice of intent to cancel as the insured sees it: how much, by when, what happens otherwise. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.programs.lifecycle import Notice


class Named(Protocol):
    """What is needed of an invoice."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def due_date(self) -> date: ...
    @property
    def open_cents(self) -> int: ...
    @property
    def is_waiting(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class SeenNotice:
    """What is to be paid so that a program is not canceled.

    Args:
        invoice_ids: the installments that it names, as far as they wait for money.
        is_over: its last day has passed: it can be canceled any day.
    """

    pay_by: date
    cents: int
    invoice_ids: tuple[int, ...]
    is_over: bool

    @property
    def sentence(self) -> Text:
        """In words."""
        amount = format_money(self.cents)
        if self.is_over:
            return text(
                "%(amount)s was to be paid by %(date)s. Your coverage can be canceled any day. Pay now, and call us.",
                amount=amount,
                date=self.pay_by,
            )
        return text("Pay %(amount)s by %(date)s to keep your coverage.", amount=amount, date=self.pay_by)


def seen_notice(notice: Notice | None, invoices: Iterable[Named], today: date) -> SeenNotice | None:
    """What a notice asks for now; None without one, and while a payment of all that it names is under way.

    Args:
        invoices: all of the program.
        today: the day at the agency.
    """
    if notice is None:
        return None
    named = [one for one in invoices if one.is_waiting and notice.names(one.kind, one.due_date)]
    if not named:
        return None
    ids = tuple(one.id for one in named)
    return SeenNotice(notice.pay_by, sum(one.open_cents for one in named), ids, notice.pay_by < today)
