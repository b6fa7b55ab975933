"""Entries about money that goes back: refunds, disputes, and what becomes of a customer's credit. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.ledger.postings import (
    CONVENIENCE_FEE_INCOME,
    CUSTOMER_CREDIT,
    PROCESSOR_CLEARING,
    PROCESSOR_FEES,
    REFUNDS_PAYABLE,
    SUSPENSE,
    TRUST_BANK,
    Entry,
    Line,
    Settled,
    release,
)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What goes back of a payment, in cents: which invoices are open again, and what else gives.

    Args:
        parts: what invoices give back, each with what stays paid on it; or, coming again, with what was paid before.
        fee_cents: of the card fee.
        credit_cents: of the customer's credit.
        suspense_cents: what none of these covers; staff look into it.
    """

    parts: Sequence[Settled] = ()
    fee_cents: int = 0
    credit_cents: int = 0
    suspense_cents: int = 0

    @property
    def total_cents(self) -> int:
        """All of it."""
        return sum(part.amount_cents for part in self.parts) + self.fee_cents + self.credit_cents + self.suspense_cents

    @property
    def lines(self) -> list[Line]:
        """Dr receivable, convenience fee income, customer credit, suspense; UNREL of each part."""
        lines = [
            Line(CONVENIENCE_FEE_INCOME, self.fee_cents),
            Line(CUSTOMER_CREDIT, self.credit_cents),
            Line(SUSPENSE, self.suspense_cents),
        ]
        for part in self.parts:
            lines.append(Line(part.invoice.receivable, part.amount_cents, part.invoice.invoice_id))
            lines += _mirror(release(part))
        return lines


def refund_requested(refund_ref: str, taken: TakenBack, booked_on: date) -> Entry:
    """Money is promised back. Dr what gives it; Cr refunds payable."""
    return _entry("refund", refund_ref, booked_on, [*taken.lines, Line(REFUNDS_PAYABLE, -taken.total_cents)])


def refund_undone(refund_ref: str, again: TakenBack, booked_on: date) -> Entry:
    """The money never left: the mirror of the request, as far as invoices are still open. The rest becomes credit."""
    return _entry(
        "refund_undone", refund_ref, booked_on, [*_mirror(again.lines), Line(REFUNDS_PAYABLE, again.total_cents)]
    )


def refund_moved(transaction_id: str, cents: int, fee_cents: int, booked_on: date) -> Entry:
    """A refund's balance transaction: out when it is sent, in again when its bank sends it back.

    Dr refunds payable, processor fees; Cr processor clearing; mirrored for what comes back.

    Args:
        cents: what it did to the balance, before the fee: negative for what went out.
        fee_cents: what the processor keeps besides.
    """
    lines = [
        Line(PROCESSOR_CLEARING, cents - fee_cents),
        Line(PROCESSOR_FEES, fee_cents),
        Line(REFUNDS_PAYABLE, -cents),
    ]
    return _entry("refund_moved", transaction_id, booked_on, lines)


def refund_failed(refund_ref: str, credit_cents: int, suspense_cents: int, booked_on: date) -> Entry:
    """The payer's bank did not take it: we owe it still. Dr refunds payable; Cr customer credit.

    Args:
        suspense_cents: what nobody had given goes back to where it waited.
    """
    lines = [
        Line(REFUNDS_PAYABLE, credit_cents + suspense_cents),
        Line(CUSTOMER_CREDIT, -credit_cents),
        Line(SUSPENSE, -suspense_cents),
    ]
    return _entry("refund_failed", refund_ref, booked_on, lines)


def refund_paid_by_hand(refund_ref: str, cents: int, booked_on: date) -> Entry:
    """The agency has written a check or made a transfer itself. Dr refunds payable; Cr trust bank."""
    return _entry("refund_by_hand", refund_ref, booked_on, [Line(REFUNDS_PAYABLE, cents), Line(TRUST_BANK, -cents)])


def dispute_withdrawn(transaction_id: str, taken: TakenBack, fee_cents: int, booked_on: date) -> Entry:
    """The payer's bank takes a payment back, the processor a fee. Dr what gives it, processor fees; Cr clearing."""
    lines = [
        *taken.lines,
        Line(PROCESSOR_FEES, fee_cents),
        Line(PROCESSOR_CLEARING, -taken.total_cents - fee_cents),
    ]
    return _entry("dispute_withdrawn", transaction_id, booked_on, lines)


def dispute_reinstated(transaction_id: str, again: TakenBack, fee_cents: int, booked_on: date) -> Entry:
    """It comes back. Dr clearing; Cr receivable to what is open, fee income, suspense, the rest credit; REL."""
    lines = [
        *_mirror(again.lines),
        Line(PROCESSOR_FEES, fee_cents),
        Line(PROCESSOR_CLEARING, again.total_cents - fee_cents),
    ]
    return _entry("dispute_reinstated", transaction_id, booked_on, lines)


def credit_applied(ref: str, part: Settled, booked_on: date) -> Entry:
    """A customer's credit pays an invoice. Dr customer credit; Cr receivable; REL."""
    lines = [
        Line(CUSTOMER_CREDIT, part.amount_cents),
        Line(part.invoice.receivable, -part.amount_cents, part.invoice.invoice_id),
        *release(part),
    ]
    return _entry("credit_applied", ref, booked_on, lines)


def credit_paid_out(ref: str, cents: int, booked_on: date) -> Entry:
    """The agency has paid a customer's credit out itself. Dr customer credit; Cr trust bank."""
    return _entry("credit_paid_out", ref, booked_on, [Line(CUSTOMER_CREDIT, cents), Line(TRUST_BANK, -cents)])


def _mirror(lines: Sequence[Line]) -> list[Line]:
    return [replace(line, cents=-line.cents) for line in lines]


def _entry(kind: str, ref: str, booked_on: date, lines: Sequence[Line]) -> Entry:
    return Entry(kind, ref, booked_on, tuple(line for line in lines if line.cents))
