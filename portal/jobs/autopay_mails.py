"""The mails of autopay, from their outbox rows: made of what is stored now, so that none says what is no longer so."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.clock import local_date
from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.documents.filled import letterhead_of
from portal.insureds.models import Insured
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.jobs import payment_mails
from portal.jobs.check_mail import pay_again_url
from portal.jobs.payment_mails import UrlFor
from portal.notices.autopay import (
    Coming,
    autopay_agreed,
    autopay_asks,
    autopay_ended,
    autopay_failed,
    autopay_notice,
    card_expires,
)
from portal.notices.message import Message, Recipient
from portal.payments.autopay.ending import ENDED_FOR, programs_charged_to
from portal.payments.autopay.failing import enrollment_of, verdict_on
from portal.payments.autopay.models import AutopayAnnouncement, AutopayConsent, AutopayEnrollment
from portal.payments.autopay.rules import KINDS
from portal.payments.method_name import method_name
from portal.payments.methods.models import PaymentMethod
from portal.payments.methods.moves import expires_after
from portal.payments.models import Claim, Mandate, Payment
from portal.programs.models import Program
from portal.reference.failures import failure_message

AGREED, ENDED, NOTICE = "mail.autopay_agreed", "mail.autopay_ended", "mail.autopay_notice"
ASKS, EXPIRES = "mail.autopay_asks", "mail.card_expires"
MOST_SHOWN = 3
"""Of what is due after autopay has ended."""


def agreed_message(session: Scoped, agency: Agency, consent_id: int, url_for: UrlFor) -> Message | None:
    """The copy of the authorization; None when whoever agreed was erased."""
    consent = session.get_one(AutopayConsent, consent_id)
    mandate = session.get_one(Mandate, consent.mandate_id)
    enrollment = session.get_one(AutopayEnrollment, consent.enrollment_id)
    if not consent.email:
        return None
    earlier = select(AutopayConsent.id).where(
        AutopayConsent.enrollment_id == enrollment.id, AutopayConsent.id < consent.id
    )
    first = select(AutopayAnnouncement, Invoice).join(Invoice, Invoice.id == AutopayAnnouncement.invoice_id)
    row = session.execute(
        first.where(
            AutopayAnnouncement.enrollment_id == enrollment.id,
            AutopayAnnouncement.how == "consent",
            AutopayAnnouncement.announced_at >= mandate.agreed_at,
        )
        .order_by(AutopayAnnouncement.charge_on, AutopayAnnouncement.invoice_id)
        .limit(1)
    ).first()
    return autopay_agreed(
        Recipient(consent.email, _insured(session, enrollment.program_id), mandate.locale),
        letterhead_of(agency),
        program=_program(session, enrollment.program_id),
        method=method_name(mandate.method_brand, mandate.method_last4),
        first=Coming(_title(row[1]), row[0].charge_on, row[0].amount_cents) if row else None,
        is_replaced=session.scalar(earlier.limit(1)) is not None,
        authorization=mandate.text.split("\n"),
        autopay_url=url_for("insured.autopay", program_id=enrollment.program_id),
    )


def notice_message(session: Scoped, agency: Agency, announcement_id: int, url_for: UrlFor) -> Message | None:
    """That a charge is coming; None when it is not any more, or something else was announced since."""
    told = session.get_one(AutopayAnnouncement, announcement_id)
    enrollment = session.get_one(AutopayEnrollment, told.enrollment_id)
    invoice = session.get_one(Invoice, told.invoice_id)
    others = select(AutopayAnnouncement).where(
        AutopayAnnouncement.enrollment_id == told.enrollment_id, AutopayAnnouncement.invoice_id == told.invoice_id
    )
    if session.scalars(others.where(AutopayAnnouncement.number > told.number).limit(1)).first():
        return None
    method = session.get_one(PaymentMethod, told.payment_method_id)
    if enrollment.ended_at is not None or invoice.state != "open" or not method.owner_email:
        return None
    before = session.scalars(others.where(AutopayAnnouncement.number == told.number - 1)).one_or_none()
    return autopay_notice(
        _recipient(session, method, enrollment.program_id),
        letterhead_of(agency),
        program=_program(session, enrollment.program_id),
        method=method_name(method.brand, method.last4),
        coming=Coming(_title(invoice), told.charge_on, told.amount_cents),
        fee_cents=told.fee_cents,
        before_cents=before.amount_cents if before and before.amount_cents != told.amount_cents else None,
        autopay_url=url_for("insured.autopay", program_id=enrollment.program_id),
    )


def failed_message(session: Scoped, agency: Agency, payment_id: int, url_for: UrlFor) -> Message | None:
    """That a payment did not go through; of autopay it also says what follows. None when it is paid by now."""
    found = enrollment_of(session, payment_id)
    if found is None:
        return payment_mails.failed_message(session, agency, payment_id, url_for)
    payment = session.get_one(Payment, payment_id)
    query = select(Invoice).join(Claim, Claim.invoice_id == Invoice.id).where(Claim.payment_id == payment.id)
    invoice = session.scalars(query).one()
    if payment.state != "failed" or invoice.state != "open" or not payment.payer_email:
        return None
    enrollment, mandate_id = found
    then = verdict_on(session, payment)
    is_over = enrollment.ended_at is not None or enrollment.mandate_id != mandate_id
    return autopay_failed(
        Recipient(payment.payer_email, payment.payer_name, payment.payer_locale),
        letterhead_of(agency),
        program=_program(session, enrollment.program_id),
        method=method_name(payment.method_brand, payment.method_last4),
        failed=Coming(_title(invoice), local_date(payment.created_at, agency.time_zone), payment.charged_cents),
        due_on=invoice.due_date,
        reason=failure_message(payment.method_kind, payment.decline_code),
        follows="off" if enrollment.ended_at is not None else "in_person" if is_over else then.step,
        again_on=then.on if not is_over else None,
        pay_url=pay_again_url(session, [invoice], url_for),
    )


def asks_message(
    session: Scoped, agency: Agency, enrollment_id: int, invoice_id: int, url_for: UrlFor
) -> Message | None:
    """That the next payment needs another method; None when there is one by now, or nothing is due."""
    enrollment = session.get_one(AutopayEnrollment, enrollment_id)
    invoice = session.get_one(Invoice, invoice_id)
    method = session.get_one(PaymentMethod, enrollment.payment_method_id)
    is_asked = enrollment.ended_at is None and enrollment.asks_since is not None
    if not is_asked or invoice.state != "open" or not method.owner_email:
        return None
    return autopay_asks(
        _recipient(session, method, enrollment.program_id),
        letterhead_of(agency),
        program=_program(session, enrollment.program_id),
        method=method_name(method.brand, method.last4),
        coming=Coming(_title(invoice), invoice.due_date, invoice.open_cents),
        autopay_url=url_for("insured.autopay", program_id=enrollment.program_id),
    )


def ended_message(session: Scoped, agency: Agency, enrollment_id: int, url_for: UrlFor) -> Message | None:
    """That autopay is off, and what is due; None when it is on again, or its owner was erased."""
    enrollment = session.get_one(AutopayEnrollment, enrollment_id)
    method = session.get_one(PaymentMethod, enrollment.payment_method_id)
    again = select(AutopayEnrollment.id).where(
        AutopayEnrollment.program_id == enrollment.program_id, AutopayEnrollment.ended_at.is_(None)
    )
    if not method.owner_email or enrollment.ended_for is None or session.scalar(again) is not None:
        return None
    return autopay_ended(
        _recipient(session, method, enrollment.program_id),
        letterhead_of(agency),
        program=_program(session, enrollment.program_id),
        method=method_name(method.brand, method.last4),
        why=ENDED_FOR[enrollment.ended_for],
        due=_open(session, [enrollment.program_id])[:MOST_SHOWN],
        program_url=url_for("insured.program", program_id=enrollment.program_id),
    )


def expires_message(session: Scoped, agency: Agency, method_id: int, url_for: UrlFor) -> Message | None:
    """That a card expires; None when autopay charges it no more, or a new one has taken its place."""
    method = session.get_one(PaymentMethod, method_id)
    programs = programs_charged_to(session, method_id)
    if not programs or method.exp_year is None or method.exp_month is None or method.expiry_warned_days is None:
        return None
    last = expires_after(method.exp_year, method.exp_month)
    after = [each for each in _open(session, programs) if each.on > last]
    return card_expires(
        _recipient(session, method, programs[0]),
        letterhead_of(agency),
        method=method_name(method.brand, method.last4),
        expires_on=last,
        programs=[_program(session, each) for each in programs],
        after=after[0] if after else None,
        autopay_url=url_for("insured.autopay", program_id=programs[0]),
    )


def _recipient(session: Scoped, method: PaymentMethod, program_id: int) -> Recipient:
    return Recipient(method.owner_email, _insured(session, program_id), method.locale)


def _insured(session: Scoped, program_id: int) -> str:
    query = select(Insured.name).join(Program, Program.insured_id == Insured.id).where(Program.id == program_id)
    return session.scalars(query).one()


def _program(session: Scoped, program_id: int) -> str:
    return session.get_one(Program, program_id).name


def _open(session: Scoped, program_ids: Sequence[int]) -> list[Coming]:
    query = select(Invoice).where(Invoice.program_id.in_(program_ids), Invoice.state == "open", Invoice.kind.in_(KINDS))
    ones = session.scalars(query.order_by(Invoice.due_date, Invoice.id))
    return [Coming(_title(each), each.due_date, each.open_cents) for each in ones]


def _title(invoice: Invoice) -> Text | str:
    return invoice_title(invoice.kind, invoice.description)
