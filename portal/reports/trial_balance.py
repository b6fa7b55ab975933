"""The trial balance: what stood in each account of the books, what moved in a period, and what stands at its end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select

from portal.core.errors import BadInput
from portal.core.money import plain_money
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.ledger.models import JournalEntry, JournalLine

ACCOUNT_WORDS: dict[str, Text] = {
    "receivable": text("Owed by customers"),
    "processor_clearing": text("At the card processor"),
    "checks_in_clearing": text("Checks in clearing"),
    "trust_bank": text("Trust account at the bank"),
    "processor_reserve": text("Held back by the processor"),
    "payout_in_transit": text("On its way to the bank"),
    "customer_credit": text("Credit of customers"),
    "premium_billed": text("Premium billed"),
    "premium_payable": text("Premium owed to carriers"),
    "tax_billed": text("Taxes billed"),
    "tax_payable": text("Taxes owed"),
    "commission_billed": text("Commission billed"),
    "commission_income": text("Commission earned"),
    "commission_expense": text("Commission to partners"),
    "commission_payable": text("Commission owed to partners"),
    "operating_bank": text("Operating account at the bank"),
    "fee_income": text("Fees earned"),
    "loan_arrears": text("Past-due installments of canceled loans, asked for by reinstatements"),
    "late_fee_income": text("Late fees"),
    "nsf_fee_income": text("Fees for payments that came back"),
    "convenience_fee_income": text("Card fees passed on"),
    "processor_fees": text("Fees of the processor"),
    "bad_debt": text("Written off"),
    "loan_balance": text("Balances of loans that ended by a cancelation"),
    "suspense": text("Not explained yet"),
    "opening_balance": text("Opening balance"),
}
"""What the accounts of `ledger/postings.py` are called for people."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account.

    Args:
        opening_cents: what stood there before the period; debit is positive, credit negative.
        debit_cents, credit_cents: what moved within it.
    """

    account: str
    opening_cents: int
    debit_cents: int
    credit_cents: int

    @property
    def words(self) -> Text:
        """The account's name for people."""
        return ACCOUNT_WORDS.get(self.account) or Text(self.account.replace("_", " ").capitalize())

    @property
    def closing_cents(self) -> int:
        """What stands there at the period's end, with the sign of `opening_cents`."""
        return self.opening_cents + self.debit_cents - self.credit_cents

    @property
    def sides(self) -> tuple[int, int, int, int, int, int]:
        """Opening, movement and closing, each as debit and credit; none is negative."""
        opening, closing = self.opening_cents, self.closing_cents
        return max(opening, 0), max(-opening, 0), self.debit_cents, self.credit_cents, max(closing, 0), max(-closing, 0)


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """An agency's accounts in a period, both days included."""

    first: date
    last: date
    rows: tuple[AccountRow, ...]

    @property
    def totals(self) -> tuple[int, ...]:
        """The columns of `sides`, added up."""
        return tuple(map(sum, zip(*(row.sides for row in self.rows), strict=True))) or (0,) * 6

    @property
    def is_balanced(self) -> bool:
        """Whether debits and credits are equal throughout; `flask verify-ledger` names the entries where not."""
        return self.totals[::2] == self.totals[1::2]


def trial_balance(session: Scoped, first: date, last: date) -> TrialBalance:
    """The accounts of the session's agency, by the days on which entries are booked.

    Args:
        first, last: days of the period, both included.

    Raises:
        BadInput: it ends before it begins.
    """
    if last < first:
        raise BadInput(text("The period ends before it begins."))
    is_before = JournalEntry.booked_on < first
    rows = session.execute(
        select(
            JournalLine.account,
            func.sum(case((is_before, JournalLine.debit_cents - JournalLine.credit_cents), else_=0)),
            func.sum(case((is_before, 0), else_=JournalLine.debit_cents)),
            func.sum(case((is_before, 0), else_=JournalLine.credit_cents)),
        )
        .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
        .where(JournalEntry.booked_on <= last)
        .group_by(JournalLine.account)
        .order_by(JournalLine.account)
    )
    found = (AccountRow(account, *map(int, sums)) for account, *sums in rows)
    return TrialBalance(
        first, last, tuple(row for row in found if row.opening_cents or row.debit_cents or row.credit_cents)
    )


CSV_HEADER = ("account", "opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit")


def csv_rows(balance: TrialBalance) -> Iterator[tuple[str, ...]]:
    """The table for a spreadsheet, its total last: account names as in the books, dollars as plain numbers."""
    for name, cents in (*((row.account, row.sides) for row in balance.rows), ("total", balance.totals)):
        yield (name, *map(plain_money, cents))
