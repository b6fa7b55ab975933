"""Take back what a payment had paid on invoices, and let it land on them again: claims and open amounts."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from portal.core.errors import Conflict
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.invoices.models import Invoice
from portal.invoices.settle import reopen, settle
from portal.ledger.postings import Settled
from portal.payments.claims import held_invoices
from portal.payments.models import Claim

CHANGED = text("What this payment pays has changed since you looked. Nothing was changed. Look again.")


def take_from_invoices(session: Scoped, payment_id: int, parts: Mapping[int, int], at: datetime) -> list[Settled]:
    """Open invoices again by what goes back of a payment.

    Args:
        session: a write unit that holds the payment.
        parts: invoice id -> cents, at most what the payment still covers.

    Raises:
        Conflict: it covers less than that.
    """
    claims = _claims(session, payment_id, "consumed", parts)
    invoices = _held(session, parts)
    unpaid = []
    for invoice_id, cents in sorted(parts.items()):
        claim, invoice = claims.get(invoice_id), invoices[invoice_id]
        if claim is None or claim.amount_cents - claim.taken_back_cents < cents or invoice.state == "void":
            raise Conflict(CHANGED)
        claim.taken_back_cents += cents
        unpaid.append((invoice, cents))
    return reopen(session, unpaid, at)


def land_again(session: Scoped, payment_id: int, parts: Mapping[int, int], at: datetime) -> list[Settled]:
    """Pay invoices again with what came back, as far as they are open and no other payment holds them.

    Args:
        session: a write unit that holds the payment.
        parts: invoice id -> cents at the most.

    Returns:
        What landed; the caller finds a place for the rest.
    """
    claims = {
        **_claims(session, payment_id, "consumed", parts),
        **_claims(session, payment_id, "reversed", parts),
    }
    invoices = _held(session, parts)
    held = held_invoices(session, list(parts))  # asked once they are ours: no payment begins from here on
    paid = []
    for invoice_id, cents in sorted(parts.items()):
        claim, invoice = claims[invoice_id], invoices[invoice_id]
        landing = 0 if invoice_id in held or invoice.state != "open" else min(cents, invoice.open_cents)
        if landing:
            claim.taken_back_cents -= landing
            claim.state = "consumed"
            paid.append((invoice, landing))
    return settle(session, paid, at)


def mark_reversed(session: Scoped, payment_id: int) -> None:
    """Say of claims of which a return has left nothing that they are reversed."""
    for claim in _claims(session, payment_id, "consumed").values():
        if 0 < claim.amount_cents == claim.taken_back_cents:
            claim.state = "reversed"
    session.flush()


def _claims(session: Scoped, payment_id: int, state: str, parts: Mapping[int, int] | None = None) -> dict[int, Claim]:
    query = select(Claim).where(Claim.payment_id == payment_id, Claim.state == state)
    if parts is not None:
        query = query.where(Claim.invoice_id.in_(parts))
    found = session.scalars(query.order_by(Claim.invoice_id).execution_options(populate_existing=True))
    return {claim.invoice_id: claim for claim in found}


def _held(session: Scoped, parts: Mapping[int, int]) -> dict[int, Invoice]:
    query = select(Invoice).where(Invoice.id.in_(parts)).order_by(Invoice.id).with_for_update()
    return {invoice.id: invoice for invoice in session.scalars(query.execution_options(populate_existing=True))}
