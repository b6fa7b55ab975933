"""One invoice as its insured sees it: a one-time payment, or a program's."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.access.visible import sight_of
from portal.core.errors import Gone, NotFound
from portal.core.tenancy import Scoped
from portal.programs.models import PaymentLink
from portal.reports.insured_invoices import SeenInvoice, SeenPayment, one_invoice, payments_on
from portal.reports.owed import Owed, owed
from portal.reports.program import ARCHIVED


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """An invoice with its lines and payments.

    Args:
        owed: what can be paid here; None if nothing.
        link_token: of the payment link by which somebody else can pay it; None if there is none.
    """

    invoice: SeenInvoice
    owed: Owed | None
    payments: tuple[SeenPayment, ...]
    link_token: str | None


def invoice_page(session: Scoped, email: str, invoice_id: int, today: date) -> InvoicePage:
    """An invoice that this address sees, in four queries.

    Args:
        email: as `parse_email` writes it.
        today: the day at the agency.

    Raises:
        NotFound: there is none, or not for this address.
        Gone: its program is archived.
    """
    invoice = one_invoice(session, sight_of(session, email), invoice_id, today)
    if invoice is None:
        raise NotFound
    if invoice.is_archived:
        raise Gone(ARCHIVED)
    return InvoicePage(
        invoice=invoice,
        owed=owed(invoice.to_pay, today),
        payments=() if invoice.is_paid_by_partner else tuple(payments_on(session, [invoice.id], email)),
        link_token=_link_token(session, invoice) if invoice.to_pay else None,
    )


def _link_token(session: Scoped, invoice: SeenInvoice) -> str | None:
    target = PaymentLink.invoice_id == invoice.id
    if invoice.program_id is not None:
        target = PaymentLink.program_id == invoice.program_id
    return session.scalars(select(PaymentLink.token).where(target, PaymentLink.replaced_at.is_(None))).first()
