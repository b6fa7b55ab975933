"""Autopay of a program as staff see it: who agreed to what, when and from where; each try; what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.payments.autopay.models import AutopayConsent, AutopayEnrollment, AutopayTry
from portal.payments.method_name import method_name
from portal.payments.models import Mandate, Payment
from portal.reference.failures import failure_for_staff
from portal.reports.autopay_lines import AutopayLine, autopay_lines


@dataclass(frozen=True, slots=True)
class StaffConsent:
    """One consent.

    Args:
        method: what was to be charged.
        email: who agreed; empty once they were erased.
        text: what they read, by paragraph.
    """

    method: Text | str
    email: str
    agreed_at: datetime
    ip_address: str
    browser: str
    text: Sequence[str]


@dataclass(frozen=True, slots=True)
class StaffEnrollment:
    """From turning it on to its end, the newest consent first."""

    started_at: datetime
    asks_since: datetime | None
    ended_at: datetime | None
    ended_for: str
    ended_note: str
    consents: Sequence[StaffConsent]


@dataclass(frozen=True, slots=True)
class StaffTry:
    """One charge that autopay began."""

    what: Text | str
    number: int
    begun_at: datetime
    amount_cents: int
    method: Text | str
    state: str
    reason: Text | str
    reference: str


@dataclass(frozen=True, slots=True)
class StaffAutopay:
    """All of it, the newest first; `line` is None while it is off."""

    line: AutopayLine | None
    enrollments: Sequence[StaffEnrollment]
    tries: Sequence[StaffTry]


def staff_autopay(session: Scoped, program_id: int, today: date) -> StaffAutopay:
    """Autopay of a program.

    Args:
        today: the day at the agency.
    """
    enrollments = session.scalars(
        select(AutopayEnrollment)
        .where(AutopayEnrollment.program_id == program_id)
        .order_by(AutopayEnrollment.id.desc())
    ).all()
    if not enrollments:
        return StaffAutopay(None, (), ())
    ids = [each.id for each in enrollments]
    return StaffAutopay(
        line=autopay_lines(session, [program_id], today).get(program_id),
        enrollments=[
            StaffEnrollment(
                each.started_at,
                each.asks_since,
                each.ended_at,
                each.ended_for or "",
                each.ended_note,
                _consents(session, each.id),
            )
            for each in enrollments
        ],
        tries=_tries(session, ids),
    )


def _consents(session: Scoped, enrollment_id: int) -> list[StaffConsent]:
    query = (
        select(AutopayConsent.email, Mandate)
        .join(Mandate, Mandate.id == AutopayConsent.mandate_id)
        .where(AutopayConsent.enrollment_id == enrollment_id)
        .order_by(AutopayConsent.id.desc())
    )
    return [
        StaffConsent(
            method=method_name(mandate.method_brand, mandate.method_last4),
            email=email,
            agreed_at=mandate.agreed_at,
            ip_address=mandate.ip_address,
            browser=mandate.browser,
            text=mandate.text.split("\n"),
        )
        for email, mandate in session.execute(query)
    ]


def _tries(session: Scoped, enrollment_ids: Sequence[int]) -> list[StaffTry]:
    query = (
        select(AutopayTry.number, Payment, Invoice.kind, Invoice.description)
        .join(Payment, Payment.id == AutopayTry.payment_id)
        .join(Invoice, Invoice.id == AutopayTry.invoice_id)
        .where(AutopayTry.enrollment_id.in_(enrollment_ids))
        .order_by(AutopayTry.id.desc())
    )
    return [
        StaffTry(
            what=invoice_title(kind, description),
            number=number,
            begun_at=payment.created_at,
            amount_cents=payment.charged_cents,
            method=method_name(payment.method_brand, payment.method_last4),
            state=payment.state,
            reason=failure_for_staff(payment.method_kind, payment.decline_code) if payment.state == "failed" else "",
            reference=payment.reference,
        )
        for number, payment, kind, description in session.execute(query)
    ]
