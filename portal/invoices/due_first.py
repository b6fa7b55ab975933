"""Which installments need not be thought of yet. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol


class Dated(Protocol):
    """What the rule needs of an open invoice."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def program_id(self) -> int | None: ...
    @property
    def due_date(self) -> date: ...


def later_installments(invoices: Iterable[Dated], today: date) -> set[int]:
    """The ids of installments after what is asked for: of each program that is what is overdue, else the next one.

    Args:
        invoices: those that wait for money.
        today: the day at the agency.
    """
    ones = [invoice for invoice in invoices if invoice.kind == "installment"]
    first: dict[int | None, date] = {}
    for one in ones:
        first[one.program_id] = min(one.due_date, first.get(one.program_id, one.due_date))
    return {one.id for one in ones if one.due_date >= today and one.due_date > first[one.program_id]}
