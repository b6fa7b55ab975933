"""A one-time payment as staff see it, and finding one."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.invoices.status import InvoiceStatus, invoice_status
from portal.programs.models import PaymentLink
from portal.reports.word_search import find_one_times
from portal.servicing.program_facts import under_way

MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class OneTime:
    """A one-time payment.

    Args:
        emails: where it can be seen: its own address, or those of the insured.
        link_token: of the payment link in use; None if there is none.
    """

    invoice: Invoice
    insured: Insured
    title: Text | str
    status: InvoiceStatus
    emails: tuple[str, ...] = ()
    link_token: str | None = None


def one_time_page(session: Scoped, invoice_id: int, today: date) -> OneTime | None:
    """A one-time payment of this agency; None if there is none, or it belongs to a program.

    Args:
        today: the day at the agency.
    """
    row = session.execute(
        select(Invoice, Insured, under_way())
        .join(Insured, Insured.id == Invoice.insured_id)
        .where(Invoice.id == invoice_id, Invoice.program_id.is_(None))
    ).one_or_none()
    if row is None:
        return None
    invoice, insured, in_flight = row
    emails = session.scalars(
        select(InsuredEmail.email).where(InsuredEmail.insured_id == insured.id).order_by(InsuredEmail.email)
    )
    link = select(PaymentLink.token).where(PaymentLink.invoice_id == invoice.id, PaymentLink.replaced_at.is_(None))
    return OneTime(
        invoice=invoice,
        insured=insured,
        title=invoice_title(invoice.kind, invoice.description),
        status=invoice_status(invoice.state, invoice.due_date, in_flight, today),
        emails=(invoice.contact_email,) if invoice.contact_email else tuple(emails),
        link_token=session.scalar(link),
    )


def search_one_time(session: Scoped, typed: str, today: date) -> list[OneTime]:
    """One-time payments by insured, address, number or what they are for; the newest first, at most twenty.

    Args:
        typed: as typed.
        today: the day at the agency.
    """
    ids = find_one_times(session, typed, MOST_FOUND)
    if not ids:
        return []
    rows = session.execute(
        select(Invoice, Insured, under_way())
        .join(Insured, Insured.id == Invoice.insured_id)
        .where(Invoice.id.in_(ids))
        .order_by(Invoice.id.desc())
    )
    return [
        OneTime(
            invoice,
            insured,
            invoice_title(invoice.kind, invoice.description),
            invoice_status(invoice.state, invoice.due_date, in_flight, today),
        )
        for invoice, insured, in_flight in rows
    ]
