"""Every business event as one balanced entry. Pure.

The table of events and accounts follows docs/payments.md. REL moves an invoice's share from *billed* to
*payable* as money comes in: premium, taxes and commission are earned or owed only once they are paid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from portal.core.money import allocate

RECEIVABLE = "receivable"
LOAN_RECEIVABLE = "loan_receivable"
OWED = (RECEIVABLE, LOAN_RECEIVABLE)
"""What insureds owe: on invoices, and on installments of loans."""
UNEARNED_INTEREST = "unearned_interest"
INTEREST_INCOME = "interest_income"
LENDER_FUNDING = "lender_funding"
PROCESSOR_CLEARING = "processor_clearing"
CHECKS_IN_CLEARING = "checks_in_clearing"
TRUST_BANK = "trust_bank"
CUSTOMER_CREDIT = "customer_credit"
CONVENIENCE_FEE_INCOME = "convenience_fee_income"
REFUNDS_PAYABLE = "refunds_payable"
OPENING_BALANCE = "opening_balance"
PROCESSOR_FEES = "processor_fees"
PROCESSOR_RESERVE = "processor_reserve"
PAYOUT_IN_TRANSIT = "payout_in_transit"
SUSPENSE = "suspense"
BAD_DEBT = "bad_debt"
COMMISSION_EXPENSE = "commission_expense"
LOAN_BALANCE = "loan_balance"
RELEASES = {
    "premium_billed": "premium_payable",
    "tax_billed": "tax_payable",
    "commission_billed": "commission_income",
}
INCOME = {
    "tax": "tax_billed",
    "surplus_lines_tax": "tax_billed",
    "stamp_tax": "tax_billed",
    "late_fee": "late_fee_income",
    "failed_fee": "nsf_fee_income",
    "past_due": "loan_arrears",
    "loan_balance": LOAN_BALANCE,
}
"""Kind of an invoice's line -> the account it is billed on; all other fees are fee income."""


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry: debit if positive, credit if negative, in cents."""

    account: str
    cents: int
    invoice_id: int | None = None
    policy_id: int | None = None
    carrier: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A business event in the books. `kind` and `ref` together are posted once."""

    kind: str
    ref: str
    booked_on: date
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        off = sum(line.cents for line in self.lines)
        if off:
            raise ValueError(f"{self.kind} {self.ref} is off balance by {off} cents")


@dataclass(frozen=True, slots=True)
class Share:
    """What one invoice line is made of: an account and its cents."""

    account: str
    cents: int
    policy_id: int | None = None
    carrier: str | None = None


def kept_with(cents: int, total_cents: int, kept_cents: int) -> int:
    """The kept commission that goes with a part of what a partner is asked for; all of it with the whole.

    >>> kept_with(45_00, 90_00, 10_00), kept_with(90_00, 90_00, 10_00)
    (500, 1000)

    Args:
        cents: the part.
        total_cents: what is asked for, without what is kept.
        kept_cents: what is kept in all.
    """
    return allocate(kept_cents, [cents, total_cents - cents])[0] if kept_cents else 0


@dataclass(frozen=True, slots=True)
class Billed:
    """An invoice as the books see it: its id, what its lines are made of, and the account that says what is owed.

    An installment is made of nothing: what it pays for was released when its loan was bound. Of agency bill the partner
    keeps `kept_cents`: the total is what the lines come to less that.
    """

    invoice_id: int
    shares: tuple[Share, ...]
    receivable: str = RECEIVABLE
    kept_cents: int = 0
    total_cents: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total_cents", sum(share.cents for share in self.shares) - self.kept_cents)

    def kept(self, paid_cents: int) -> int:
        """The kept commission that goes with what was paid."""
        return kept_with(paid_cents, self.total_cents, self.kept_cents)

    def part(self, paid_cents: int) -> list[int]:
        """The paid part of each share, in proportion, the kept commission in it; all of it once the invoice is paid."""
        gross_cents = paid_cents + self.kept(paid_cents)
        return allocate(gross_cents, [share.cents for share in self.shares]) if self.shares else []


def shares_of_line(
    kind: str, amount_cents: int, commission_cents: int, policy_id: int | None, carrier: str | None
) -> list[Share]:
    """Split an invoice line over its accounts.

    Args:
        kind: the line's kind (`invoices/models.py`).
        amount_cents: the line.
        commission_cents: the agency's commission inside a premium line.
    """
    if kind == "premium":
        return [
            Share("premium_billed", amount_cents - commission_cents, policy_id, carrier),
            Share("commission_billed", commission_cents, policy_id, carrier),
        ]
    return [Share(INCOME.get(kind, "fee_income"), amount_cents, policy_id, carrier)]


def invoice_issued(invoice: Billed, booked_on: date) -> Entry:
    """Dr receivable, and commission expense by what the partner keeps; Cr what the lines are made of."""
    lines = [
        Line(RECEIVABLE, invoice.total_cents, invoice.invoice_id),
        Line(COMMISSION_EXPENSE, invoice.kept_cents, invoice.invoice_id),
    ]
    lines += [
        Line(share.account, -share.cents, invoice.invoice_id, share.policy_id, share.carrier)
        for share in invoice.shares
    ]
    return _entry("invoice_issued", str(invoice.invoice_id), booked_on, lines)


def invoice_voided(invoice: Billed, paid_cents: int, booked_on: date) -> Entry:
    """Mirror of the issue for the part that was not paid."""
    lines = [
        Line(RECEIVABLE, paid_cents - invoice.total_cents, invoice.invoice_id),
        Line(COMMISSION_EXPENSE, invoice.kept(paid_cents) - invoice.kept_cents, invoice.invoice_id),
    ]
    lines += [
        Line(share.account, share.cents - paid, invoice.invoice_id, share.policy_id, share.carrier)
        for share, paid in zip(invoice.shares, invoice.part(paid_cents), strict=True)
    ]
    return _entry("invoice_voided", str(invoice.invoice_id), booked_on, lines)


@dataclass(frozen=True, slots=True)
class Settled:
    """A part of a payment that lands on one invoice, with what was paid on it before."""

    invoice: Billed
    paid_before_cents: int
    amount_cents: int


def payment_succeeded(
    payment_ref: str,
    parts: Sequence[Settled],
    unapplied_cents: int,
    fee_cents: int,
    booked_on: date,
    into: str = PROCESSOR_CLEARING,
) -> Entry:
    """Dr processor clearing or checks in clearing; Cr receivables, fee income, customer credit; REL of each part.

    Args:
        payment_ref: the payment's id.
        parts: what lands on invoices.
        unapplied_cents: what no invoice takes: it becomes customer credit.
        fee_cents: the card fee that was passed on.
        into: the account that holds the money until it is at the bank.
    """
    charged = sum(part.amount_cents for part in parts) + unapplied_cents + fee_cents
    lines = [
        Line(into, charged),
        Line(CONVENIENCE_FEE_INCOME, -fee_cents),
        Line(CUSTOMER_CREDIT, -unapplied_cents),
    ]
    for part in parts:
        lines.append(Line(part.invoice.receivable, -part.amount_cents, part.invoice.invoice_id))
        lines += release(part)
    return _entry("charge", payment_ref, booked_on, lines)


def written_off(write_off_ref: str, part: Settled, booked_on: date) -> Entry:
    """What is open on an invoice is given up. Dr bad debt; Cr receivable; REL: carriers and tax offices get theirs."""
    lines = [
        Line(BAD_DEBT, part.amount_cents, part.invoice.invoice_id),
        Line(part.invoice.receivable, -part.amount_cents, part.invoice.invoice_id),
    ]
    return _entry("written_off", write_off_ref, booked_on, [*lines, *release(part)])


def check_cleared(payment_ref: str, cents: int, booked_on: date) -> Entry:
    """A check, wire or cash is at the bank. Dr trust bank; Cr checks in clearing."""
    return _entry("check_cleared", payment_ref, booked_on, [Line(TRUST_BANK, cents), Line(CHECKS_IN_CLEARING, -cents)])


def check_bounced(
    payment_ref: str, parts: Sequence[Settled], credit_cents: int, suspense: Mapping[int, int], booked_on: date
) -> Entry:
    """The bank does not pay a check. Dr receivable, customer credit, suspense; Cr checks in clearing; UNREL of parts.

    Args:
        parts: what it had paid, each with what stays paid on its invoice without it.
        credit_cents: what of it had become customer credit.
        suspense: invoice -> what it had paid on one that is void by now; staff look into it.
    """
    total = sum(part.amount_cents for part in parts) + credit_cents + sum(suspense.values())
    lines = [Line(CHECKS_IN_CLEARING, -total), Line(CUSTOMER_CREDIT, credit_cents)]
    lines += [Line(SUSPENSE, cents, invoice_id) for invoice_id, cents in suspense.items()]
    for part in parts:
        lines.append(Line(part.invoice.receivable, part.amount_cents, part.invoice.invoice_id))
        lines += [replace(line, cents=-line.cents) for line in release(part)]
    return _entry("check_bounced", payment_ref, booked_on, lines)


def opening_paid(part: Settled, booked_on: date) -> Entry:
    """What was paid before the agency came to this portal: settled outside, so nothing becomes payable here.

    Dr opening balance; Cr receivable; and what was billed for it goes against the opening balance.
    """
    lines = [
        Line(part.invoice.receivable, -part.amount_cents, part.invoice.invoice_id),
        Line(OPENING_BALANCE, part.amount_cents),
    ]
    for line in release(part):
        account = line.account if line.account in RELEASES else OPENING_BALANCE
        lines.append(Line(account, line.cents, line.invoice_id, line.policy_id, line.carrier))
    return _entry("opening", str(part.invoice.invoice_id), booked_on, lines)


def loan_bound(loan_ref: str, financed: Settled, installments: Mapping[int, int], booked_on: date) -> Entry:
    """The loan pays an invoice: Dr loan receivable by installment; Cr receivable, unearned interest; REL.

    Args:
        loan_ref: the loan's id.
        financed: the invoice that it pays, whole.
        installments: invoice of each installment -> its cents.
    """
    lines = [Line(LOAN_RECEIVABLE, cents, invoice_id) for invoice_id, cents in installments.items()]
    lines.append(Line(financed.invoice.receivable, -financed.amount_cents, financed.invoice.invoice_id))
    lines.append(Line(UNEARNED_INTEREST, financed.amount_cents - sum(installments.values())))
    return _entry("loan_bound", loan_ref, booked_on, [*lines, *release(financed)])


def interest_earned(installment_ref: str, cents: int, booked_on: date) -> Entry:
    """A period of a loan is over: Dr unearned interest; Cr interest income."""
    return _entry(
        "interest_earned", installment_ref, booked_on, [Line(UNEARNED_INTEREST, cents), Line(INTEREST_INCOME, -cents)]
    )


def loan_paid_off(loan_ref: str, saved: Mapping[int, int], unearned_cents: int, booked_on: date) -> Entry:
    """A loan ends early. Dr unearned interest; Cr loan receivable by what is saved, interest income by the rest.

    Args:
        loan_ref: the loan's id.
        saved: invoice of each installment -> interest that does not come to be owed.
        unearned_cents: interest of the loan that is in no period's income yet.
    """
    lines = [Line(LOAN_RECEIVABLE, -cents, invoice_id) for invoice_id, cents in saved.items()]
    lines += [
        Line(UNEARNED_INTEREST, unearned_cents),
        Line(INTEREST_INCOME, sum(saved.values()) - unearned_cents),
    ]
    return _entry("loan_paid_off", loan_ref, booked_on, lines)


def loan_payoff_undone(loan_ref: str, saved: Mapping[int, int], unearned_cents: int, booked_on: date) -> Entry:
    """The payoff has come back: the mirror of `loan_paid_off`, with the same arguments."""
    mirrored = loan_paid_off(loan_ref, saved, unearned_cents, booked_on)
    return _entry(
        "loan_payoff_undone", loan_ref, booked_on, [replace(line, cents=-line.cents) for line in mirrored.lines]
    )


def lender_funded(loan_ref: str, cents: int, booked_on: date) -> Entry:
    """The lender has sent what it lends: Dr trust bank; Cr lender funding."""
    return _entry("lender_funded", loan_ref, booked_on, [Line(TRUST_BANK, cents), Line(LENDER_FUNDING, -cents)])


def release(part: Settled) -> list[Line]:
    """REL: Dr billed, Cr payable or income, by the share that this amount brings."""
    before = part.invoice.part(part.paid_before_cents)
    after = part.invoice.part(part.paid_before_cents + part.amount_cents)
    lines: list[Line] = []
    for share, old, new in zip(part.invoice.shares, before, after, strict=True):
        if share.account in RELEASES:
            tags = (part.invoice.invoice_id, share.policy_id, share.carrier)
            lines += [Line(share.account, new - old, *tags), Line(RELEASES[share.account], old - new, *tags)]
    return lines


def _entry(kind: str, ref: str, booked_on: date, lines: Sequence[Line]) -> Entry:
    return Entry(kind, ref, booked_on, tuple(line for line in lines if line.cents))
