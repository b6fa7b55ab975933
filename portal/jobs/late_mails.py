"""The mails about installments that are late, from their outbox rows."""

from sqlalchemy import Row, select

from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.documents.filled import letterhead_of
from portal.financing.late.models import InstallmentFee
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.jobs.check_mail import pay_again_url
from portal.jobs.payment_mails import UrlFor
from portal.notices.late_fee import FeeAdded, late_fee
from portal.notices.message import Message, Recipient


def late_fee_message(session: Scoped, agency: Agency, fee_id: int, email_id: int, url_for: UrlFor) -> Message | None:
    """A fee that was added, to an address of the insured; None when the fee is waived or paid, or the address gone."""
    fee = session.get_one(InstallmentFee, fee_id)
    installment, added = session.get_one(Invoice, fee.installment_id), session.get_one(Invoice, fee.invoice_id)
    recipient = recipient_of(session, email_id)
    if recipient is None or added.state != "open":
        return None
    about = FeeAdded(
        is_late_fee=fee.kind == "late",
        what=invoice_title(installment.kind, installment.description),
        was_due_on=installment.due_date,
        installment_cents=installment.open_cents,
        fee_cents=added.open_cents,
    )
    still_open = [one for one in (installment, added) if one.state == "open"]
    return late_fee(recipient, letterhead_of(agency), about, pay_url=pay_again_url(session, still_open, url_for))


def recipient_of(session: Scoped, email_id: int) -> Recipient | None:
    """An address of an insured, with their name and language; None when it is gone."""
    row: Row[str, str, str] | None = session.execute(
        select(InsuredEmail.email, Insured.name, Insured.locale)
        .join(Insured, Insured.id == InsuredEmail.insured_id)
        .where(InsuredEmail.id == email_id)
    ).one_or_none()
    return None if row is None else Recipient(row.email, row.name, row.locale)
