"""The mail about a bank debit that was sent, from its outbox row: that the bank is asked, and the payer's copy."""

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.clock import local_date
from portal.core.tenancy import Scoped
from portal.documents.filled import letterhead_of
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.jobs.payment_mails import UrlFor
from portal.notices.bank_debit import Debit, bank_debit
from portal.notices.message import Message, Recipient
from portal.payments.mandates import mandate_of
from portal.payments.method_name import method_name
from portal.payments.models import Claim, Payment
from portal.reference.bank_days import debit_expected_on

DEBIT_SENT = "mail.bank_debit"


def debit_message(session: Scoped, agency: Agency, payment_id: int, url_for: UrlFor) -> Message | None:
    """The mail; None for a payment found again after a backup was restored: its payer and authorization are lost."""
    payment = session.scalars(select(Payment).where(Payment.id == payment_id)).one()
    mandate = mandate_of(session, payment_id)
    if mandate is None or not payment.payer_email:
        return None
    query = select(Invoice).join(Claim, Claim.invoice_id == Invoice.id).where(Claim.payment_id == payment_id)
    first = session.scalars(query.order_by(Invoice.due_date, Invoice.id).limit(1)).one()
    authorized_on = local_date(mandate.agreed_at, agency.time_zone)
    debit = Debit(
        reference=payment.reference,
        amount_cents=payment.charged_cents,
        method=method_name(payment.method_brand, payment.method_last4),
        what=invoice_title(first.kind, first.description),
        authorized_on=authorized_on,
        expected_on=debit_expected_on(local_date(payment.created_at, agency.time_zone)),
        authorization=tuple(mandate.text.splitlines()),
        is_under_way=payment.state == "processing",
    )
    recipient = Recipient(payment.payer_email, payment.payer_name, payment.payer_locale)
    view_url = url_for("paying.status", token=payment.token)
    return bank_debit(recipient, letterhead_of(agency), debit, view_url=view_url)
