"""What must hold of autopay: nothing without a consent in force and an announcement, nothing too often."""

from sqlalchemy import and_, case, exists, func, or_, select

from portal.core.invariants import Invariant
from portal.payments.autopay.holding import KIND
from portal.payments.autopay.models import AutopayAnnouncement, AutopayConsent, AutopayEnrollment, AutopayTry
from portal.payments.method_kinds import BANK_DEBIT
from portal.payments.models import Claim, Mandate, Payment
from portal.payments.retries import BANK_RETRIES, CARD_RETRIES

_tries = (
    select(AutopayTry.id, AutopayTry.invoice_id, Payment.id, Payment.charged_cents)
    .join(Payment, and_(Payment.id == AutopayTry.payment_id, Payment.agency_id == AutopayTry.agency_id))
    .join(
        AutopayEnrollment,
        and_(AutopayEnrollment.id == AutopayTry.enrollment_id, AutopayEnrollment.agency_id == AutopayTry.agency_id),
    )
)
_consented = exists().where(
    AutopayConsent.agency_id == AutopayTry.agency_id,
    AutopayConsent.enrollment_id == AutopayTry.enrollment_id,
    AutopayConsent.mandate_id == AutopayTry.mandate_id,
    Mandate.agency_id == AutopayTry.agency_id,
    Mandate.id == AutopayTry.mandate_id,
    Mandate.agreed_at <= Payment.created_at,
)
_announced = exists().where(
    AutopayAnnouncement.agency_id == AutopayTry.agency_id,
    AutopayAnnouncement.enrollment_id == AutopayTry.enrollment_id,
    AutopayAnnouncement.invoice_id == AutopayTry.invoice_id,
    AutopayAnnouncement.amount_cents >= Payment.charged_cents,
    AutopayAnnouncement.announced_at <= Payment.created_at,
)
_claimed = exists().where(
    Claim.agency_id == AutopayTry.agency_id,
    Claim.payment_id == AutopayTry.payment_id,
    Claim.invoice_id == AutopayTry.invoice_id,
)
_in_force = exists().where(
    AutopayConsent.agency_id == AutopayEnrollment.agency_id,
    AutopayConsent.enrollment_id == AutopayEnrollment.id,
    AutopayConsent.mandate_id == AutopayEnrollment.mandate_id,
    AutopayConsent.payment_method_id == AutopayEnrollment.payment_method_id,
)
_most = case((Payment.method_kind == BANK_DEBIT, BANK_RETRIES), else_=max(CARD_RETRIES.values())) + 1

INVARIANTS = [
    Invariant(
        "a program is on autopay at most once",
        select(AutopayEnrollment.program_id)
        .where(AutopayEnrollment.ended_at.is_(None))
        .group_by(AutopayEnrollment.program_id)
        .having(func.count() > 1),
    ),
    Invariant(
        "autopay charges the method that its consent in force names",
        select(AutopayEnrollment.id, AutopayEnrollment.mandate_id).where(~_in_force),
    ),
    Invariant(
        "autopay begins no charge without a consent that was in force",
        _tries.where(
            or_(
                ~_consented,
                Payment.created_at < AutopayEnrollment.started_at,
                Payment.created_at > func.coalesce(AutopayEnrollment.ended_at, Payment.created_at),
            )
        ),
    ),
    Invariant("autopay charges no more than was announced before", _tries.where(~_announced)),
    Invariant(
        "a payment of autopay is a try for its invoice, and the reverse",
        select(Payment.id, Payment.kind)
        .outerjoin(AutopayTry, and_(AutopayTry.payment_id == Payment.id, AutopayTry.agency_id == Payment.agency_id))
        .where(
            or_(
                and_(Payment.kind == KIND, AutopayTry.id.is_(None)),
                and_(AutopayTry.id.is_not(None), or_(Payment.kind != KIND, ~_claimed)),
            )
        ),
    ),
    Invariant(
        "autopay tries no invoice more often than the rules allow",
        select(AutopayTry.invoice_id, AutopayTry.mandate_id, func.count())
        .join(Payment, and_(Payment.id == AutopayTry.payment_id, Payment.agency_id == AutopayTry.agency_id))
        .where(Payment.state == "failed")
        .group_by(AutopayTry.invoice_id, AutopayTry.mandate_id, _most)
        .having(func.count() > _most),
    ),
]
