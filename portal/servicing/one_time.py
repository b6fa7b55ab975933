"""Issue a one-time invoice, which belongs to no program: with the payment link that it is paid by."""

from dataclasses import replace
from datetime import datetime

from portal.core.audit import Actor, record
from portal.core.tenancy import Scoped
from portal.invoices.issue import InvoiceDraft, issue_invoice
from portal.invoices.models import Invoice
from portal.programs.links import issue_link


def issue_one_time(session: Scoped, draft: InvoiceDraft, actor: Actor, at: datetime) -> Invoice:
    """Issue it, with its link. It sends nothing.

    Args:
        session: a write unit.
        draft: what is to be paid; it names no program.
        actor: who asks for the money.

    Raises:
        BadInput: it has no positive total, or a negative line.
    """
    invoice = issue_invoice(session, replace(draft, kind="one_time", program_id=None), at)
    issue_link(session, at, invoice_id=invoice.id)
    record(session, actor, "invoice.issued", "invoice", invoice.id, at, number=invoice.number)
    session.flush()
    return invoice
