"""Autopay is turned on, or charges another method from now on: by the insured alone, with a consent of its own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import Select, func, select

from portal.agencies.models import Agency
from portal.core.audit import Actor, record
from portal.core.clock import local_date
from portal.core.errors import Conflict, NotAllowed
from portal.core.events import publish
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.models import Loan, LoanInstallment
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.payments.autopay.consent import Scheduled
from portal.payments.autopay.enrolled import live_enrollment
from portal.payments.autopay.events import AutopayAgreed
from portal.payments.autopay.models import AutopayAnnouncement, AutopayConsent, AutopayEnrollment
from portal.payments.autopay.rules import KINDS
from portal.payments.fees import FeeTerms, fee_cents, fee_terms
from portal.payments.mandates import Agreement
from portal.payments.method_kinds import takes
from portal.payments.methods.models import PaymentMethod
from portal.payments.methods.saved import lock_owner, own_method
from portal.payments.models import Mandate
from portal.programs.models import Program


class NothingToCharge(Conflict):
    """The program has no further payments, or none that are paid here."""

    default = text("This program has no further payments that autopay could make.")


class MethodUnusable(Conflict):
    """The method cannot be charged now."""

    default = text("This payment method cannot be used now. Please choose another one.")


@dataclass(frozen=True, slots=True)
class Owner:
    """Who agrees: an insured who has signed in, and nobody else. `actor` is the same, for the audit."""

    email: str
    actor: Actor


class Charged(Protocol):
    """What decides the fee of a method, saved or not."""

    @property
    def kind(self) -> str:
        """The processor's word."""

    @property
    def funding(self) -> str:
        """Credit, debit, prepaid or unknown."""


def charges_of(
    session: Scoped, program_id: int, method: Charged | None, today: date, *, without: Collection[int] = ()
) -> list[Scheduled]:
    """What autopay would charge from today on, as far as it is known, by due date.

    Before the down payment of a signed loan its installments are no invoices yet; they are known all the same.

    Args:
        method: decides the fee; None for none.
        without: invoices that are paid by then.
    """
    program = session.get_one(Program, program_id)
    if not takes_autopay(program):
        return []
    terms = _terms(session, program)
    kinds = (method.kind, method.funding) if method is not None else ("", "")
    query = (
        select(Invoice.id, Invoice.due_date, Invoice.open_cents)
        .where(
            Invoice.program_id == program_id,
            Invoice.state == "open",
            Invoice.kind.in_(KINDS),
            Invoice.due_date >= today,
        )
        .order_by(Invoice.due_date, Invoice.id)
    )
    rows = session.execute(query).all()
    known = [(row.id, row.due_date, row.open_cents) for row in rows if row.id not in without]
    known += [(None, row.due_date, row.payment_cents) for row in session.execute(_agreed(program_id))]
    found = []
    for invoice_id, due_date, cents in known:
        fee = fee_cents(terms, *kinds, cents)
        found.append(Scheduled(invoice_id, due_date, cents + fee, fee))
    return found


def past_due_of(session: Scoped, program_id: int, today: date) -> dict[int, int]:
    """Invoice id -> cents that are past due on a program and that autopay does not make up for by itself."""
    query = select(Invoice.id, Invoice.open_cents).where(
        Invoice.program_id == program_id,
        Invoice.state == "open",
        Invoice.kind != "financed",
        Invoice.due_date < today,
    )
    return dict(session.execute(query.order_by(Invoice.due_date, Invoice.id)).all())


def takes_autopay(program: Program) -> bool:
    """Whether the insured pays this program here, and it has not ended."""
    is_over = program.archived_at is not None or program.is_draft or program.canceled_on is not None
    return program.billing_type == "direct_bill" and not is_over


def enroll(
    session: Scoped, program_id: int, method_id: int, owner: Owner, agreement: Agreement, at: datetime
) -> AutopayEnrollment:
    """Turn autopay on, or let it charge another method, with the consent that was just given.

    Args:
        session: a write unit; the caller has made sure that the owner sees the program.
        agreement: what they were shown, separately from anything else, and have agreed to.

    Raises:
        NotAllowed: somebody else than an insured.
        NotFound: the method is not theirs.
        MethodUnusable: it cannot be charged, or not for this program.
        NothingToCharge: the program has no further payments.
    """
    mandate = write_mandate(session, _method(session, owner, method_id), agreement, at)
    return start(session, program_id, method_id, owner, mandate, at)


def start(
    session: Scoped,
    program_id: int,
    method_id: int,
    owner: Owner,
    mandate: Mandate,
    at: datetime,
    *,
    announces: bool = True,
) -> AutopayEnrollment:
    """As `enroll`, by a mandate that is written already.

    Args:
        announces: what is charged stood in the mandate as it is now; if not, each charge is announced by mail.

    Raises:
        As `enroll`.
    """
    if owner.actor.kind != "insured":
        raise NotAllowed(text("Only the insured can turn autopay on."))
    method = _method(session, owner, method_id)
    if not takes(session.get_one(Program, program_id).restricted_to, method.kind):
        raise MethodUnusable
    today = local_date(at, session.get_one(Agency, session.agency_id).time_zone)
    charges = [each for each in charges_of(session, program_id, method, today) if each.invoice_id is not None]
    if not charges:
        raise NothingToCharge
    session.scalars(select(Program.id).where(Program.id == program_id).with_for_update()).all()
    enrollment = live_enrollment(session, program_id)
    action = "autopay.turned_on" if enrollment is None else "autopay.method_replaced"
    if enrollment is None:
        enrollment = AutopayEnrollment(
            program_id=program_id, started_at=at, asks_since=None, ended_at=None, ended_for=None
        )
        session.add(enrollment)
    enrollment.payment_method_id, enrollment.mandate_id, enrollment.asks_since = method.id, mandate.id, None
    session.flush()
    consent = AutopayConsent(
        enrollment_id=enrollment.id, mandate_id=mandate.id, payment_method_id=method.id, email=owner.email
    )
    session.add(consent)
    session.flush()
    if announces:
        _announce(session, enrollment, charges, at)
    publish(session, AutopayAgreed(consent.id, program_id), at)
    record(session, owner.actor, action, "program", program_id, at, method=method.id)
    return enrollment


def write_mandate(session: Scoped, method: PaymentMethod, agreement: Agreement, at: datetime) -> Mandate:
    """Write down, once, what was agreed to."""
    mandate = Mandate(
        payment_id=None,
        text=agreement.text,
        version=agreement.version,
        locale=agreement.locale,
        agreed_at=at,
        ip_address=agreement.ip_address,
        browser=agreement.browser,
        method_kind=method.kind,
        method_brand=method.brand,
        method_last4=method.last4,
        method_fingerprint=method.fingerprint,
    )
    session.add(mandate)
    session.flush()
    return mandate


def _announce(session: Scoped, enrollment: AutopayEnrollment, charges: Sequence[Scheduled], at: datetime) -> None:
    """What stood on the page that they agreed on is announced by it."""
    last = dict(
        session.execute(
            select(AutopayAnnouncement.invoice_id, func.max(AutopayAnnouncement.number))
            .where(AutopayAnnouncement.enrollment_id == enrollment.id)
            .group_by(AutopayAnnouncement.invoice_id)
        ).all()
    )
    session.add_all(
        AutopayAnnouncement(
            enrollment_id=enrollment.id,
            invoice_id=each.invoice_id,
            number=last.get(each.invoice_id, 0) + 1,
            how="consent",
            payment_method_id=enrollment.payment_method_id,
            due_date=each.due_date,
            charge_on=each.due_date,
            amount_cents=each.amount_cents,
            fee_cents=each.fee_cents,
            announced_at=at,
        )
        for each in charges
        if each.invoice_id is not None
    )
    session.flush()


def _method(session: Scoped, owner: Owner, method_id: int) -> PaymentMethod:
    method = own_method(session, owner.email, method_id)
    lock_owner(session, method.account, method.owner_email)
    session.refresh(method)
    if method.state != "active":
        raise MethodUnusable
    return method


def _terms(session: Scoped, program: Program) -> FeeTerms:
    agency = session.get_one(Agency, session.agency_id)
    insured = session.get_one(Insured, program.insured_id)
    return fee_terms(agency, {agency.state, insured.state if insured.country == "US" else ""})


def _agreed(program_id: int) -> Select[date, int]:
    return (
        select(LoanInstallment.due_date, LoanInstallment.payment_cents)
        .join(Loan, Loan.id == LoanInstallment.loan_id)
        .where(Loan.program_id == program_id, Loan.state == "signed")
        .order_by(LoanInstallment.number)
    )
