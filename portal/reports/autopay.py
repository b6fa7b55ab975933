"""Autopay of a program, as its insured sees it: whether it is on, what it charges next, what it could charge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.access.visible import visible_program
from portal.agencies.models import Agency
from portal.core.clock import local_date
from portal.core.errors import Gone, NotFound
from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.payments.autopay.enrolling import charges_of, past_due_of, takes_autopay
from portal.payments.autopay.failing import verdict_on
from portal.payments.autopay.models import AutopayConsent, AutopayEnrollment, AutopayRequest, AutopayTry
from portal.payments.claims import held_invoices
from portal.payments.method_kinds import takes
from portal.payments.methods.models import PaymentMethod
from portal.payments.methods.moves import expiry
from portal.payments.models import Mandate, Payment
from portal.payments.retries import Verdict
from portal.programs.models import Program
from portal.reference.failures import failure_message
from portal.reports.autopay_lines import AutopayLine, Charge, autopay_lines
from portal.reports.program import ARCHIVED
from portal.reports.saved_methods import SavedMethod, saved_methods


@dataclass(frozen=True, slots=True)
class FailedCharge:
    """The last charge, if it failed and is still open; and what follows."""

    what: Text | str
    invoice_id: int
    on: date
    amount_cents: int
    reason: Text
    then: Verdict


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Autopay that is on.

    Args:
        expiry: empty, soon or expired.
        authorization: what was agreed to, by paragraph.
    """

    line: AutopayLine
    method_id: int
    expires: str
    expiry: str
    since: datetime
    agreed_at: datetime
    authorization: Sequence[str]
    failed: FailedCharge | None


@dataclass(frozen=True, slots=True)
class AutopayPage:
    """The autopay page of a program.

    Args:
        charges: what autopay charges, or would, by due date.
        methods: what may be chosen.
        past_due: invoice id -> cents that autopay does not make up for; without what is under way.
        due: what the insured would pay by themselves with autopay off, by due date.
        ended_for: why it ended last; empty if it is on or never was.
    """

    program_id: int
    program: str
    is_offered: bool
    enrolled: Enrolled | None
    charges: Sequence[Charge]
    methods: Sequence[SavedMethod]
    past_due: dict[int, int]
    due: Sequence[Charge]
    ended_for: str

    @property
    def past_due_cents(self) -> int:
        """All of it."""
        return sum(self.past_due.values())


def autopay_page(session: Scoped, email: str, program_id: int, today: date) -> AutopayPage:
    """Everything on that page.

    Args:
        email: of the insured who asks.

    Raises:
        NotFound: there is no such program, or not for this address.
        Gone: it is archived.
    """
    program = visible_program(session, email, program_id)
    if program is None:
        raise NotFound
    if program.archived_at is not None:
        raise Gone(ARCHIVED)
    enrolled = _enrolled(session, program_id, today)
    planned = [] if enrolled else charges_of(session, program_id, None, today)
    open_ones = _open(session, program_id)
    titles = {invoice.id: invoice_title(invoice.kind, invoice.description) for invoice in open_ones}
    past_due = past_due_of(session, program_id, today)
    held = held_invoices(session, list(past_due))
    last = (
        select(AutopayEnrollment.ended_for)
        .where(AutopayEnrollment.program_id == program_id)
        .order_by(AutopayEnrollment.id.desc())
        .limit(1)
    )
    return AutopayPage(
        program_id=program_id,
        program=program.name,
        is_offered=takes_autopay(program) and bool(enrolled or planned),
        enrolled=enrolled,
        charges=[Charge(titles.get(each.invoice_id or 0, ""), each.due_date, each.amount_cents) for each in planned],
        methods=[
            one
            for one in saved_methods(session, email, today)
            if one.can_pay and takes(program.restricted_to, one.kind)
        ],
        past_due={invoice_id: cents for invoice_id, cents in past_due.items() if invoice_id not in held},
        due=[Charge(titles[each.id], each.due_date, each.open_cents) for each in open_ones],
        ended_for=(session.scalar(last) or "") if enrolled is None else "",
    )


def _enrolled(session: Scoped, program_id: int, today: date) -> Enrolled | None:
    line = autopay_lines(session, [program_id], today).get(program_id)
    if line is None:
        return None
    query = (
        select(AutopayEnrollment, PaymentMethod, Mandate)
        .join(PaymentMethod, PaymentMethod.id == AutopayEnrollment.payment_method_id)
        .join(Mandate, Mandate.id == AutopayEnrollment.mandate_id)
        .where(AutopayEnrollment.program_id == program_id, AutopayEnrollment.ended_at.is_(None))
    )
    enrollment, method, mandate = session.execute(query).one()
    return Enrolled(
        line=line,
        method_id=method.id,
        expires=f"{method.exp_month:02}/{method.exp_year}" if method.exp_month and method.exp_year else "",
        expiry=expiry(method.exp_year, method.exp_month, today),
        since=enrollment.started_at,
        agreed_at=mandate.agreed_at,
        authorization=mandate.text.split("\n"),
        failed=_failed(session, enrollment),
    )


def _failed(session: Scoped, enrollment: AutopayEnrollment) -> FailedCharge | None:
    """The last try of the enrollment by its present consent, if it failed and is not paid yet."""
    query = (
        select(Payment, Invoice)
        .join(AutopayTry, AutopayTry.payment_id == Payment.id)
        .join(Invoice, Invoice.id == AutopayTry.invoice_id)
        .where(AutopayTry.enrollment_id == enrollment.id, AutopayTry.mandate_id == enrollment.mandate_id)
        .order_by(AutopayTry.id.desc())
        .limit(1)
    )
    row = session.execute(query).first()
    if row is None or row[0].state != "failed" or row[1].state != "open":
        return None
    payment, invoice = row
    zone = session.get_one(Agency, session.agency_id).time_zone
    return FailedCharge(
        what=invoice_title(invoice.kind, invoice.description),
        invoice_id=invoice.id,
        on=local_date(payment.created_at, zone),
        amount_cents=payment.charged_cents,
        reason=failure_message(payment.method_kind, payment.decline_code),
        then=verdict_on(session, payment),
    )


def _open(session: Scoped, program_id: int) -> Sequence[Invoice]:
    query = select(Invoice).where(Invoice.program_id == program_id, Invoice.state == "open", Invoice.kind != "financed")
    return session.scalars(query.order_by(Invoice.due_date, Invoice.id)).all()


@dataclass(frozen=True, slots=True)
class Asked:
    """Autopay that was asked for together with a payment; `is_on` from its beginning to its end."""

    program_id: int
    program: str
    is_on: bool


def asked_with(session: Scoped, payment_id: int) -> Asked | None:
    """What was asked for together with a payment, or None."""
    query = (
        select(Program.id, Program.name, AutopayEnrollment.ended_at, AutopayConsent.id.label("consent_id"))
        .join(AutopayRequest, AutopayRequest.program_id == Program.id)
        .outerjoin(AutopayConsent, AutopayConsent.mandate_id == AutopayRequest.mandate_id)
        .outerjoin(AutopayEnrollment, AutopayEnrollment.id == AutopayConsent.enrollment_id)
        .where(AutopayRequest.payment_id == payment_id)
    )
    row = session.execute(query).one_or_none()
    return Asked(row.id, row.name, row.consent_id is not None and row.ended_at is None) if row else None
