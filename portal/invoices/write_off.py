"""Give up what is open on an invoice: it is closed, and the books bear it as bad debt."""

from datetime import date, datetime

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.invoices.models import Invoice, WriteOff
from portal.invoices.settle import settle
from portal.ledger.journal import post
from portal.ledger.postings import written_off

WRITE_OFF_REASONS: dict[str, Text] = {
    "small": text("Too small to collect"),
    "uncollectible": text("The customer cannot or does not pay"),
    "disputed": text("The customer disputes it"),
    "goodwill": text("Goodwill"),
    "other": text("Another reason"),
}


def write_off_invoice(
    session: Scoped, invoice: Invoice, reason: str, note: str, by: str, booked_on: date, at: datetime
) -> int:
    """Write off all that is open. Returns its cents.

    Args:
        session: a write unit that holds the invoice.
        reason: a key of `WRITE_OFF_REASONS`.
        by: who does it.
    """
    row = WriteOff(
        invoice_id=invoice.id,
        amount_cents=invoice.open_cents,
        reason=reason,
        note=note,
        by=by,
        booked_on=booked_on,
        at=at,
    )
    session.add(row)
    session.flush()
    (part,) = settle(session, [(invoice, invoice.open_cents)], at)
    post(session, [written_off(str(row.id), part, booked_on)], at)
    return row.amount_cents
