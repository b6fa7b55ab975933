"""What staff have changed of programs: rows by themselves, nothing in the books."""

from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice, WriteOff
from tests.factories.people import BEGINNING


def make_write_off(session: Scoped, invoice: Invoice) -> WriteOff:
    """A cent of an invoice that was given up."""
    row = WriteOff(
        invoice_id=invoice.id, amount_cents=1, reason="small", note="", by="", booked_on=BEGINNING.date(), at=BEGINNING
    )
    session.add(row)
    session.flush()
    return row
