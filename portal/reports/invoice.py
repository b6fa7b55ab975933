"""One invoice as its insured sees it: a one-time payment, or a program's."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select

from portal.access.visible import sight_of
from portal.core.errors import Gone, NotFound
from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice
from portal.programs.models import PaymentLink, Program
from portal.reports.insured_invoices import SeenInvoice, SeenPayment, invoices_with_lines, payments_on
from portal.reports.owed import Owed, owed
from portal.reports.program import ARCHIVED


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """An invoice with its lines and payments.

    Args:
        program_name: None for a one-time payment.
        is_paid_by_partner: agency bill: shown, not payable here.
        owed: what can be paid here; None if nothing.
        link_token: of the payment link by which somebody else can pay it; None if there is none.
    """

    invoice: SeenInvoice
    program_name: str | None
    is_paid_by_partner: bool
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
    seen = sight_of(session, email).invoices()
    invoices = invoices_with_lines(session, and_(Invoice.id == invoice_id, seen), today)
    if not invoices:
        raise NotFound
    invoice = invoices[0]
    surroundings = session.execute(
        select(Program.name, Program.billing_type, Program.archived_at, Program.is_draft, PaymentLink.token)
        .select_from(Invoice)
        .outerjoin(Program, Program.id == Invoice.program_id)
        .outerjoin(
            PaymentLink,
            and_(
                PaymentLink.replaced_at.is_(None),
                PaymentLink.program_id == invoice.program_id
                if invoice.program_id
                else PaymentLink.invoice_id == invoice.id,
            ),
        )
        .where(Invoice.id == invoice_id)
    ).first()
    assert surroundings is not None
    if surroundings.is_draft:
        raise NotFound
    if surroundings.archived_at is not None:
        raise Gone(ARCHIVED)
    is_paid_by_partner = surroundings.billing_type == "agency_bill"
    can_pay = invoice.is_waiting and not is_paid_by_partner
    return InvoicePage(
        invoice=invoice,
        program_name=surroundings.name,
        is_paid_by_partner=is_paid_by_partner,
        owed=owed([invoice.as_open], today) if can_pay else None,
        payments=tuple(payments_on(session, [invoice.id], email)),
        link_token=surroundings.token if can_pay else None,
    )
