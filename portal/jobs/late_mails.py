"""The mails about installments that are late, from their outbox rows."""

from sqlalchemy import Row, select

from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.documents.filled import letterhead_of
from portal.financing.late.landed import named_open
from portal.financing.late.models import CancelNotice, InstallmentFee
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.jobs.check_mail import pay_again_url
from portal.jobs.partner_mail import contact_of
from portal.jobs.payment_mails import UrlFor
from portal.notices.cancel_notice import cancel_notice
from portal.notices.late_fee import FeeAdded, late_fee
from portal.notices.message import Message, Recipient
from portal.programs.models import Program
from portal.servicing.late.notices import TO_AGENCY, notice_pdf


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


def notice_message(session: Scoped, agency: Agency, notice_id: int, email_id: int, url_for: UrlFor) -> Message | None:
    """The notice of intent to cancel, to an address of the insured or to the agency; None when it has stopped."""
    notice = session.get_one(CancelNotice, notice_id)
    program = session.get_one(Program, notice.program_id)
    is_copy = email_id == TO_AGENCY
    recipient = Recipient(agency.email, agency.name, agency.locale) if is_copy else recipient_of(session, email_id)
    named = named_open(session, notice)
    if recipient is None or not recipient.address or notice.closed_at is not None or notice.pay_by is None or not named:
        return None
    return cancel_notice(
        recipient,
        letterhead_of(agency),
        number=notice.number,
        insured=session.get_one(Insured, program.insured_id).name,
        amount_cents=sum(invoice.open_cents for invoice in named),
        pay_by=notice.pay_by,
        pdf=notice_pdf(session, notice),
        pay_url=pay_again_url(session, list(named), url_for),
        copy_for="agency" if is_copy else "",
    )


def partner_notice_message(
    session: Scoped, agency: Agency, notice_id: int, partner_id: int, url_for: UrlFor
) -> Message | None:
    """The copy of a notice for the contact of the retailer behind the program; None when the notice has stopped."""
    notice = session.get_one(CancelNotice, notice_id)
    named = named_open(session, notice)
    if notice.closed_at is not None or notice.pay_by is None or not named:
        return None
    program = session.get_one(Program, notice.program_id)
    return cancel_notice(
        contact_of(session, agency, partner_id),
        letterhead_of(agency),
        number=notice.number,
        insured=session.get_one(Insured, program.insured_id).name,
        amount_cents=sum(invoice.open_cents for invoice in named),
        pay_by=notice.pay_by,
        pdf=notice_pdf(session, notice),
        pay_url=pay_again_url(session, list(named), url_for),
        copy_for="partner",
    )


def recipient_of(session: Scoped, email_id: int) -> Recipient | None:
    """An address of an insured, with their name and language; None when it is gone."""
    row: Row[str, str, str] | None = session.execute(
        select(InsuredEmail.email, Insured.name, Insured.locale)
        .join(Insured, Insured.id == InsuredEmail.insured_id)
        .where(InsuredEmail.id == email_id)
    ).one_or_none()
    return None if row is None else Recipient(row.email, row.name, row.locale)
