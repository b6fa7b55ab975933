"""The mails that follow a payment, from their outbox rows: receipt, failure, and news for insureds others paid for."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.clock import local_date
from portal.core.outbox import enqueue
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.documents.filled import LANDED, letterhead_of, receipt_document
from portal.documents.letterhead import Line
from portal.documents.rendering import DocumentRenderer
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.notices.message import Message, Recipient
from portal.notices.paid_by_third_party import paid_by_third_party
from portal.notices.payment_failed import payment_failed
from portal.notices.payment_receipt import payment_receipt
from portal.payments.method_kinds import BANK_DEBIT
from portal.payments.method_name import method_name
from portal.payments.models import Claim, Payment
from portal.reference.failures import failure_message
from portal.reports.payment import UNMASKED

STOPPED = text("This payment was stopped before anything was charged.")
PAID_FOR_INSURED = "mail.paid_for_insured"
UrlFor = Callable[..., str]
"""Absolute address of an endpoint in the agency's portal."""


def receipt_message(
    session: Scoped, agency: Agency, payment_id: int, url_for: UrlFor, renderer: DocumentRenderer
) -> Message | None:
    """The confirmation with its receipt, to the payer; None where there is nothing to confirm or nobody to tell.

    Nobody knows who paid what is found again after a backup was restored, and its receipt left before. A check that
    came back before its receipt left has a mail of its own.
    """
    payment = _payment(session, payment_id)
    if not payment.payer_email:
        return None
    receipt = receipt_document(session, agency, payment, is_masked=payment.payer_kind not in UNMASKED)
    if receipt.state == "returned":
        return None
    recipient = Recipient(payment.payer_email, payment.payer_name, payment.payer_locale)
    view_url = url_for("paying.status", token=payment.token)
    return payment_receipt(recipient, receipt, pdf=renderer.render(receipt), view_url=view_url)


def failed_message(session: Scoped, agency: Agency, payment_id: int, url_for: UrlFor) -> Message | None:
    """A failure that the payer did not see on the screen; None without an address, or when nothing is open any more."""
    payment = _payment(session, payment_id)
    query = select(Invoice).join(Claim, Claim.invoice_id == Invoice.id).where(Claim.payment_id == payment_id)
    still_open = query.where(Invoice.state == "open").order_by(Invoice.due_date, Invoice.id)
    invoices = session.scalars(still_open).all()
    if payment.state not in {"failed", "canceled"} or not invoices or not payment.payer_email:
        return None
    return payment_failed(
        Recipient(payment.payer_email, payment.payer_name, payment.payer_locale),
        letterhead_of(agency),
        amount_cents=payment.charged_cents,
        failed_on=local_date(payment.changed_at, agency.time_zone),
        what=invoice_title(invoices[0].kind, invoices[0].description),
        method=method_name(payment.method_brand, payment.method_last4),
        reason=failure_message(payment.method_kind, payment.decline_code) if payment.state == "failed" else STOPPED,
        is_bank_debit=payment.method_kind == BANK_DEBIT and payment.state == "failed",
        due_on=min(invoice.due_date for invoice in invoices),
        retry_url=url_for("paying.status", token=payment.token),
    )


def fan_out(session: Scoped, payment_id: int, at: datetime) -> None:
    """One outbox row for each address of each insured that a third party has paid for.

    None where a partner has paid: its invoices are not its insureds', who are not told what it pays for whom.
    """
    if _payment(session, payment_id).payer_kind in UNMASKED:
        return
    paid_for = (
        select(Invoice.insured_id)
        .join(Claim, Claim.invoice_id == Invoice.id)
        .where(Claim.payment_id == payment_id, Claim.state.in_(LANDED))
    )
    query = select(InsuredEmail.id).where(InsuredEmail.insured_id.in_(paid_for))
    for email_id in session.scalars(query).all():
        payload = {"payment_id": payment_id, "email_id": email_id}
        enqueue(session, PAID_FOR_INSURED, f"{payment_id}:{email_id}", payload, at)


def paid_for_message(
    session: Scoped, agency: Agency, payment_id: int, email_id: int, url_for: UrlFor
) -> Message | None:
    """What a third party has paid of this insured's; None when the address is gone meanwhile."""
    row = session.execute(
        select(InsuredEmail.email, Insured.id, Insured.name, Insured.locale)
        .join(Insured, Insured.id == InsuredEmail.insured_id)
        .where(InsuredEmail.id == email_id)
    ).one_or_none()
    if row is None:
        return None
    payment = _payment(session, payment_id)
    query = (
        select(Invoice, Claim.amount_cents)
        .join(Claim, Claim.invoice_id == Invoice.id)
        .where(Claim.payment_id == payment_id, Claim.state.in_(LANDED), Invoice.insured_id == row.id)
        .order_by(Invoice.id)
    )
    lines = tuple(
        Line(invoice_title(invoice.kind, invoice.description), cents, invoice.number)
        for invoice, cents in session.execute(query)
    )
    return paid_by_third_party(
        Recipient(row.email, row.name, row.locale),
        letterhead_of(agency),
        payer_name=payment.payer_name,
        paid_on=local_date(payment.succeeded_at or payment.changed_at, agency.time_zone),
        lines=lines,
        view_url=url_for("insured.home"),
    )


def _payment(session: Scoped, payment_id: int) -> Payment:
    return session.scalars(select(Payment).where(Payment.id == payment_id)).one()
