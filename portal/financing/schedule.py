"""What a financed program costs and when: down payment, level installments, finance charge, APR."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from portal.core.money import percent_of
from portal.financing.apr import Repayment, annual_rate, percent

Spacing = Literal[1, 3, 6]
"""Months between two installments."""
COUNTS: dict[Spacing, tuple[int, ...]] = {1: (10, 9, 6), 3: (3,), 6: (1,)}
"""How many installments are offered at each spacing, after the down payment.

Ascend publishes 10, 9 and 6 monthly, "4-pay (quarterly)" and "2-pay (semi-annual)" (help center, "Modify loan terms").
Four payments a quarter apart are read as the down payment and three installments, two as the down payment and one: a
fourth would fall on the day on which a policy of a year expires, when no unearned premium is left to secure it.
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of an agreement.

    Args:
        down_payment_rate: of premium and financed taxes; 0.25 is 25 %.
        note_rate: interest a year, nominal; 0.129 is 12.9 %.
        installments: how many.
        months_between: from one to the next, and from the first day of cover to the first.
    """

    down_payment_rate: Decimal
    note_rate: Decimal
    installments: int
    months_between: Spacing = 1

    @property
    def months(self) -> int:
        """The length of the loan."""
        return self.installments * self.months_between

    @property
    def period_rate(self) -> Decimal:
        """Interest of one period."""
        return self.note_rate * self.months_between / 12


@dataclass(frozen=True, slots=True)
class Price:
    """What is to be paid for a program.

    Args:
        premium_cents: of all policies.
        financed_cents: taxes and fees that may be paid over time.
        earned_cents: fees that are fully earned at once: due with the down payment.
    """

    premium_cents: int
    financed_cents: int = 0
    earned_cents: int = 0

    @property
    def total_cents(self) -> int:
        """All of it."""
        return self.premium_cents + self.financed_cents + self.earned_cents


@dataclass(frozen=True, slots=True)
class Installment:
    """One installment: its number from 1 on, its day, and how it divides.

    `balance_cents` is the principal that is still owed after it.
    """

    number: int
    due_date: date
    payment_cents: int
    interest_cents: int
    principal_cents: int
    balance_cents: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """A whole agreement in figures; the total of payments is without the down payment, as in Regulation Z."""

    down_payment_cents: int
    amount_financed_cents: int
    installments: tuple[Installment, ...]
    apr: Decimal

    @property
    def total_of_payments_cents(self) -> int:
        """What the installments come to."""
        return sum(installment.payment_cents for installment in self.installments)

    @property
    def finance_charge_cents(self) -> int:
        """What borrowing costs, in dollars."""
        return self.total_of_payments_cents - self.amount_financed_cents

    @property
    def apr_percent(self) -> Decimal:
        """The APR as it is disclosed, in percent to two decimals."""
        return percent(self.apr)


def make_schedule(price: Price, terms: Terms, first_day: date) -> Schedule:
    """Work out an agreement.

    The down payment is its rate of premium and financed taxes, plus all fully earned fees. Installments are level,
    half a cent up; the last one takes up what rounding has left.

    Args:
        first_day: the earliest effective date: installments are due on its day of the month.

    Raises:
        ValueError: nothing is left to finance, or the amount is too small to be divided that often.
    """
    down = percent_of(price.premium_cents + price.financed_cents, terms.down_payment_rate) + price.earned_cents
    financed = price.total_cents - down
    if financed <= 0 or terms.installments < 1:
        raise ValueError("nothing to finance")
    installments = _installments(financed, level_payment(financed, terms), terms, first_day)
    repayments = [Repayment(one.payment_cents, one.number) for one in installments]
    return Schedule(down, financed, installments, annual_rate(financed, repayments, 12 // terms.months_between))


def level_payment(financed_cents: int, terms: Terms) -> int:
    """The payment that repays a loan in equal parts, half a cent up.

    >>> level_payment(945000, Terms(Decimal("0.25"), Decimal("0.129"), 9))
    110724
    """
    rate = terms.period_rate
    exact = (
        financed_cents * rate / (1 - (1 + rate) ** -terms.installments)
        if rate
        else (Decimal(financed_cents) / terms.installments)
    )
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last of a month that has no such day.

    >>> add_months(date(2026, 1, 31), 1), add_months(date(2026, 1, 31), 2)
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _installments(financed: int, level: int, terms: Terms, first_day: date) -> tuple[Installment, ...]:
    made: list[Installment] = []
    balance = financed
    for number in range(1, terms.installments + 1):
        interest = percent_of(balance, terms.period_rate)
        payment = balance + interest if number == terms.installments else level
        principal = payment - interest
        balance -= principal
        due = add_months(first_day, number * terms.months_between)
        made.append(Installment(number, due, payment, interest, principal, balance))
    if not _is_sound(made):
        raise ValueError("too little to be divided that often")
    return tuple(made)


def _is_sound(installments: Sequence[Installment]) -> bool:
    """Each pays something back, and more than nothing."""
    return all(one.payment_cents > 0 and one.principal_cents >= 0 and one.balance_cents >= 0 for one in installments)
