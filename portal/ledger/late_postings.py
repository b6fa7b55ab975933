"""Entries about loans that are canceled for non-payment, and reinstated. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.ledger.postings import (
    CUSTOMER_CREDIT,
    INTEREST_INCOME,
    LOAN_RECEIVABLE,
    RELEASES,
    SUSPENSE,
    UNEARNED_INTEREST,
    Billed,
    Entry,
    Line,
)

LOAN_ARREARS = "loan_arrears"
"""What a reinstatement invoice asks for of installments, until it is paid and brings the loan current."""


@dataclass(frozen=True, slots=True)
class OpenInstallment:
    """An installment when its loan is canceled, in cents.

    Args:
        open_cents: what is unpaid of it; the interest in it is paid first.
        is_booked: its interest is income already: its period is over.
        unearned_cents: of its interest, what is not owed yet on that day by the rules of a payoff.
    """

    invoice_id: int
    payment_cents: int
    interest_cents: int
    open_cents: int
    is_booked: bool
    unearned_cents: int

    @property
    def paid_interest_cents(self) -> int:
        """What was paid of its interest."""
        return min(self.payment_cents - self.open_cents, self.interest_cents)

    @property
    def open_principal_cents(self) -> int:
        """What is unpaid of the principal in it."""
        return min(self.open_cents, self.payment_cents - self.interest_cents)


def credit_of(ones: Sequence[OpenInstallment]) -> int:
    """Interest that was paid ahead and is not earned: given back as the customer's credit."""
    return sum(min(one.unearned_cents, one.paid_interest_cents) for one in ones if not one.is_booked)


def loan_canceled(ref: str, financed: Billed, ones: Sequence[OpenInstallment], booked_on: date) -> Entry:
    """A loan is canceled: what is unpaid of it is not owed any more.

    Dr what the financed invoice was made of, by the unpaid principal (UNREL and the mirror of its issue in one), and
    unearned interest by all that is left of it; Cr loan receivable by installment, customer credit by unearned interest
    that was paid ahead. Interest income takes up the rest: what was booked and is not paid is reversed.

    Args:
        ref: the loan's id and how often it was canceled.
        financed: the invoice that the loan has paid.
    """
    unpaid = sum(one.open_principal_cents for one in ones)
    unearned = sum(one.interest_cents for one in ones if not one.is_booked)
    lines = [Line(LOAN_RECEIVABLE, -one.open_cents, one.invoice_id) for one in ones]
    before, after = financed.part(financed.total_cents - unpaid), financed.part(financed.total_cents)
    for share, kept, whole in zip(financed.shares, before, after, strict=True):
        account = RELEASES.get(share.account, share.account)
        lines.append(Line(account, whole - kept, financed.invoice_id, share.policy_id, share.carrier))
    lines += [Line(UNEARNED_INTEREST, unearned), Line(CUSTOMER_CREDIT, -credit_of(ones))]
    lines.append(Line(INTEREST_INCOME, -sum(line.cents for line in lines)))
    return _entry("loan_canceled", ref, booked_on, lines)


def loan_reinstated(ref: str, canceled: Sequence[Line], booked_on: date) -> Entry:
    """A canceled loan goes on: the mirror of its cancelation. What became credit stays it; interest income bears it.

    Args:
        ref: of the cancelation.
        canceled: its lines.
    """
    lines = [
        replace(line, cents=-line.cents, account=INTEREST_INCOME if line.account == CUSTOMER_CREDIT else line.account)
        for line in canceled
    ]
    return _entry("loan_reinstated", ref, booked_on, lines)


def arrears_applied(reinstatement_ref: str, installments: Mapping[int, int], booked_on: date) -> Entry:
    """A paid reinstatement pays past-due installments. Dr loan arrears; Cr loan receivable by installment."""
    lines = [Line(LOAN_RECEIVABLE, -cents, invoice_id) for invoice_id, cents in installments.items()]
    return _entry(
        "arrears_applied", reinstatement_ref, booked_on, [Line(LOAN_ARREARS, sum(installments.values())), *lines]
    )


def arrears_returned(reinstatement_ref: str, installments: Mapping[int, int], booked_on: date) -> Entry:
    """What had paid a reinstatement went back, and its loan is canceled again: the mirror of `arrears_applied`."""
    lines = [Line(LOAN_RECEIVABLE, cents, invoice_id) for invoice_id, cents in installments.items()]
    return _entry(
        "arrears_returned", reinstatement_ref, booked_on, [Line(LOAN_ARREARS, -sum(installments.values())), *lines]
    )


def bounced_owed(reinstatement_ref: str, installments: Mapping[int, int], booked_on: date) -> Entry:
    """What had paid a void installment has bounced, and its loan goes on. Dr loan receivable; Cr suspense, by each."""
    lines = [Line(LOAN_RECEIVABLE, cents, invoice_id) for invoice_id, cents in installments.items()]
    lines += [Line(SUSPENSE, -cents, invoice_id) for invoice_id, cents in installments.items()]
    return _entry("bounced_owed", reinstatement_ref, booked_on, lines)


def _entry(kind: str, ref: str, booked_on: date, lines: Sequence[Line]) -> Entry:
    return Entry(kind, ref, booked_on, tuple(line for line in lines if line.cents))
