"""Money lands on invoices, or turns out not to have come: the one place that changes what is open."""

from collections.abc import Sequence
from datetime import date, datetime

from portal.core.tenancy import Scoped
from portal.invoices.books import billed_many
from portal.invoices.models import Invoice
from portal.ledger.journal import post
from portal.ledger.postings import Settled, opening_paid


def settle(session: Scoped, paid: Sequence[tuple[Invoice, int]], at: datetime) -> list[Settled]:
    """Lower the open amount of invoices by what was paid, and say what the books need to know of each.

    Args:
        session: a write unit that holds the invoices.
        paid: invoices with the cents that land on them, at most what is open.
        at: now.
    """
    books = billed_many(session, [invoice.id for invoice, _ in paid])
    parts = []
    for invoice, amount in paid:
        if not 0 <= amount <= invoice.open_cents:
            raise ValueError(f"{invoice.number}: {amount} cents do not fit into {invoice.open_cents} open cents")
        parts.append(Settled(books[invoice.id], invoice.total_cents - invoice.open_cents, amount))
        invoice.open_cents -= amount
        invoice.touched_at = at
        if invoice.open_cents == 0 and invoice.state == "open":
            invoice.state = "paid"
    session.flush()
    return [part for part in parts if part.amount_cents]


def reopen(session: Scoped, unpaid: Sequence[tuple[Invoice, int]], at: datetime) -> list[Settled]:
    """Raise the open amount of invoices by what turned out not to be paid, and say what the books need to know.

    Args:
        session: a write unit that holds the invoices.
        unpaid: invoices with the cents that had landed on them.
        at: now.
    """
    books = billed_many(session, [invoice.id for invoice, _ in unpaid])
    parts = []
    for invoice, amount in unpaid:
        invoice.open_cents += amount
        invoice.touched_at = at
        if invoice.state == "paid":
            invoice.state = "open"
        parts.append(Settled(books[invoice.id], invoice.total_cents - invoice.open_cents, amount))
    session.flush()
    return parts


def forgive(session: Scoped, invoices: Sequence[Invoice], at: datetime) -> dict[int, int]:
    """Close invoices though something is open on them: that is not owed any more. Invoice -> its cents."""
    forgiven = {}
    for invoice in invoices:
        forgiven[invoice.id] = invoice.open_cents
        invoice.open_cents, invoice.state, invoice.touched_at = 0, "paid", at
    session.flush()
    return forgiven


def owe_again(session: Scoped, forgiven: Sequence[tuple[Invoice, int]], at: datetime) -> None:
    """The opposite of `forgive`: these cents are owed after all."""
    for invoice, cents in forgiven:
        invoice.open_cents, invoice.state, invoice.touched_at = invoice.open_cents + cents, "open", at
    session.flush()


def settle_opening(session: Scoped, paid: Sequence[tuple[Invoice, int]], booked_on: date, at: datetime) -> None:
    """Enter what was paid before the agency came to this portal; no payment row, no mail."""
    post(session, [opening_paid(part, booked_on) for part in settle(session, paid, at)], at)
