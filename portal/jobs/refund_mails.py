"""The mails that follow a refund, from their outbox rows."""

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.documents.credit_note import CreditNote
from portal.documents.refunded import credit_note
from portal.documents.rendering import DocumentRenderer
from portal.jobs.payment_mails import UrlFor
from portal.notices.message import Message, Recipient
from portal.notices.refund import refund_failed, refund_sent
from portal.payments.models import Payment
from portal.payments.money_back.models import Refund
from portal.reports.payment import UNMASKED

REFUND_SENT = "mail.refund_sent"
REFUND_FAILED = "mail.refund_failed"


def sent_message(
    session: Scoped, agency: Agency, refund_id: int, url_for: UrlFor, renderer: DocumentRenderer
) -> Message | None:
    """Money is on its way, with the credit note; None without an address, or when it has come back meanwhile."""
    refund, payment, note = _about(session, agency, refund_id)
    if not payment.payer_email or refund.state == "failed":
        return None
    return refund_sent(
        _recipient(payment),
        note,
        pdf=renderer.render(note),
        is_by_hand=refund.way == "by_hand",
        view_url=url_for("paying.status", token=payment.token),
    )


def failed_message(session: Scoped, agency: Agency, refund_id: int, url_for: UrlFor) -> Message | None:
    """It came back; None without an address."""
    _, payment, note = _about(session, agency, refund_id)
    if not payment.payer_email:
        return None
    return refund_failed(_recipient(payment), note, view_url=url_for("paying.status", token=payment.token))


def _about(session: Scoped, agency: Agency, refund_id: int) -> tuple[Refund, Payment, CreditNote]:
    row = session.execute(
        select(Refund, Payment).join(Payment, Payment.id == Refund.payment_id).where(Refund.id == refund_id)
    ).one()
    refund, payment = row
    return refund, payment, credit_note(session, agency, refund_id, is_masked=payment.payer_kind not in UNMASKED)


def _recipient(payment: Payment) -> Recipient:
    return Recipient(payment.payer_email, payment.payer_name, payment.payer_locale)
