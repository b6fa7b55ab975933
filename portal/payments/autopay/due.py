"""What autopay has to do at an agency on a day: open invoices of programs on autopay, and what the rules say of each.

One selection for the run and for staff who look ahead. It reads what is due soon by the index of open invoices, never
the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, exists, func, or_, select

from portal.agencies.models import Agency, ProcessorAccount
from portal.core.clock import local_date
from portal.core.tenancy import Scoped
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.payments.autopay.models import AutopayAnnouncement, AutopayEnrollment, AutopayTry
from portal.payments.autopay.rules import KINDS, NOTICE, Facts, Step, Told, decide
from portal.payments.claims import KeptMethod, Payer
from portal.payments.fees import FeeTerms, fee_cents, fee_terms
from portal.payments.methods.models import PaymentMethod
from portal.payments.models import Claim, Mandate, Payment
from portal.payments.retries import Failed
from portal.programs.models import Program

_TAKES_PAYMENT = and_(
    Program.billing_type == "direct_bill",
    Program.archived_at.is_(None),
    Program.is_draft.is_(False),
    Program.canceled_on.is_(None),
)
_held = exists().where(Claim.agency_id == Invoice.agency_id, Claim.invoice_id == Invoice.id, Claim.state == "live")
_given_back = exists().where(
    Claim.agency_id == Invoice.agency_id,
    Claim.invoice_id == Invoice.id,
    Claim.taken_back_cents > 0,
)
_last_number = (
    select(func.max(AutopayAnnouncement.number))
    .where(
        AutopayAnnouncement.agency_id == Invoice.agency_id,
        AutopayAnnouncement.enrollment_id == AutopayEnrollment.id,
        AutopayAnnouncement.invoice_id == Invoice.id,
    )
    .correlate(Invoice, AutopayEnrollment)
    .scalar_subquery()
)
_last_try = (
    select(func.coalesce(func.max(AutopayTry.number), 0))
    .where(AutopayTry.agency_id == Invoice.agency_id, AutopayTry.invoice_id == Invoice.id)
    .correlate(Invoice)
    .scalar_subquery()
)
_DUE = (
    select(
        Invoice.id,
        case((Insured.country == "US", Insured.state), else_="").label("us_state"),
        PaymentMethod.kind.label("method_kind"),
        PaymentMethod.funding,
        Invoice.open_cents,
        Invoice.due_date,
        PaymentMethod.id.label("payment_method_id"),
        PaymentMethod.state.label("method_state"),
        PaymentMethod.account,
        Mandate.agreed_at,
        AutopayEnrollment.asks_since,
        _held.label("is_held"),
        _given_back.label("was_given_back"),
        AutopayAnnouncement.number.label("told_number"),
        AutopayAnnouncement.how,
        AutopayAnnouncement.due_date.label("told_due_date"),
        AutopayAnnouncement.charge_on,
        AutopayAnnouncement.amount_cents.label("told_cents"),
        AutopayAnnouncement.payment_method_id.label("told_method_id"),
        AutopayAnnouncement.announced_at,
        # what decides ends here: DECIDES
        Invoice.number,
        Invoice.insured_id,
        Invoice.program_id,
        Insured.name.label("insured"),
        AutopayEnrollment.id.label("enrollment_id"),
        AutopayEnrollment.mandate_id,
        PaymentMethod.owner_email,
        PaymentMethod.customer_id,
        PaymentMethod.method_id,
        PaymentMethod.brand,
        PaymentMethod.last4,
        PaymentMethod.fingerprint,
        PaymentMethod.locale,
        AutopayAnnouncement.fee_cents,
        _last_try.label("last_try"),
    )
    .join(AutopayEnrollment, AutopayEnrollment.program_id == Invoice.program_id)
    .join(Program, Program.id == Invoice.program_id)
    .join(Insured, Insured.id == Invoice.insured_id)
    .join(PaymentMethod, PaymentMethod.id == AutopayEnrollment.payment_method_id)
    .join(Mandate, Mandate.id == AutopayEnrollment.mandate_id)
    .outerjoin(
        AutopayAnnouncement,
        and_(
            AutopayAnnouncement.enrollment_id == AutopayEnrollment.id,
            AutopayAnnouncement.invoice_id == Invoice.id,
            AutopayAnnouncement.number == _last_number,
        ),
    )
    .where(
        Invoice.state == "open",
        Invoice.due_date <= bindparam("until"),
        Invoice.kind.in_(KINDS),
        AutopayEnrollment.ended_at.is_(None),
        _TAKES_PAYMENT,
    )
    .order_by(Invoice.due_date, Invoice.id)
)
DECIDES = 20
"""So many columns decide; they are taken by their places, since by name each costs as much as the decision."""
_REFUSED = and_(Payment.state == "canceled", Payment.decline_code.is_not(None))
"""The processor would not even begin it."""
_FAILED = (
    select(
        AutopayTry.invoice_id,
        Payment.state,
        Payment.method_kind,
        Payment.decline_code,
        Payment.created_at,
        Payment.changed_at,
        Payment.charged_cents,
    )
    .join(Invoice, Invoice.id == AutopayTry.invoice_id)
    .join(
        AutopayEnrollment,
        and_(AutopayEnrollment.id == AutopayTry.enrollment_id, AutopayEnrollment.mandate_id == AutopayTry.mandate_id),
    )
    .join(Payment, Payment.id == AutopayTry.payment_id)
    .where(
        Invoice.state == "open",
        Invoice.due_date <= bindparam("until"),
        AutopayEnrollment.ended_at.is_(None),
        or_(Payment.state == "failed", _REFUSED),
    )
    .order_by(AutopayTry.invoice_id, AutopayTry.number)
)


@dataclass(frozen=True, slots=True)
class _PastTries:
    """What came to nothing for an invoice by the consent in force: payments that failed, days of those refused."""

    failed: tuple[Failed, ...] = ()
    refused_on: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A step of autopay, with all that it needs.

    Args:
        row: of the invoice, its program, method and last announcement.
        fee_cents: what this method costs on top.
    """

    step: Step
    row: Row[*tuple[Any, ...]]
    fee_cents: int

    @property
    def amount_cents(self) -> int:
        """What is charged, the fee included."""
        return int(self.row.open_cents) + self.fee_cents

    @property
    def request_key(self) -> str:
        """Of the next try."""
        return f"autopay:{self.row.id}:{self.number}"

    @property
    def number(self) -> int:
        """Of the next try."""
        return int(self.row.last_try) + 1

    @property
    def method(self) -> KeptMethod:
        """What is charged."""
        row = self.row
        about = row.method_kind, row.brand, row.last4, row.funding, row.fingerprint
        return KeptMethod(row.customer_id, row.method_id, *about)

    @property
    def payer(self) -> Payer:
        """Whose method it is."""
        return Payer("insured", self.row.insured, self.row.owner_email, self.row.locale)


def steps(session: Scoped, today: date) -> Iterator[Due]:
    """What autopay has to do on a day, by due date.

    Args:
        session: of the agency.
        today: the day there.
    """
    agency = session.get_one(Agency, session.agency_id)
    account = session.scalar(select(ProcessorAccount.account))
    tried = _tried(session, agency.time_zone, today)
    terms: dict[str, FeeTerms] = {}
    for row in session.rows(_DUE, {"until": today + NOTICE}).all():
        invoice_id, us_state, kind, funding, open_cents = row[:5]
        if us_state not in terms:
            terms[us_state] = fee_terms(agency, {agency.state, us_state})
        fee = fee_cents(terms[us_state], kind, funding, open_cents)
        facts = _facts(row[4:DECIDES], fee, account, agency.time_zone, tried.get(invoice_id, _PastTries()))
        step = decide(facts, today)
        if step is not None:
            yield Due(step, row, fee)


def announced_until(session: Scoped, day: date) -> Sequence[Row[*tuple[Any, ...]]]:
    """What was announced for a day up to this one, and is not charged yet."""
    rows = session.rows(_DUE, {"until": day}).all()
    return [row for row in rows if row.told_number is not None and row.charge_on <= day and not row.is_held]


def _facts(columns: Sequence[Any], fee: int, account: str | None, zone: str, tried: _PastTries) -> Facts:
    open_cents, due_date, method_id, method_state, of_account, agreed_at, asks_since, is_held, was_given_back = columns[
        :9
    ]
    told_number, how, told_due_date, charge_on, told_cents, told_method_id, announced_at = columns[9:]
    told = None
    if told_number is not None:
        told = Told(how, told_due_date, charge_on, told_cents, told_method_id, local_date(announced_at, zone))
    return Facts(
        due_date=due_date,
        amount_cents=open_cents + fee,
        method_id=method_id,
        can_charge=method_state == "active" and of_account == account,
        agreed_on=local_date(agreed_at, zone),
        asks=asks_since is not None,
        is_held=is_held,
        was_given_back=was_given_back,
        told=told,
        failed=tried.failed,
        refused_on=tried.refused_on,
    )


def _tried(session: Scoped, zone: str, today: date) -> Mapping[int, _PastTries]:
    found: dict[int, _PastTries] = {}
    for row in session.rows(_FAILED, {"until": today + NOTICE}):
        so_far, one = found.get(row.invoice_id, _PastTries()), failed_try(row, zone)
        found[row.invoice_id] = (
            _PastTries((*so_far.failed, one), so_far.refused_on)
            if row.state == "failed"
            else _PastTries(so_far.failed, (*so_far.refused_on, one.failed_on))
        )
    return found


def failed_try(row: Any, zone: str) -> Failed:
    """A failed payment as the rules of retries want it.

    Args:
        row: a payment, or a row with its columns.
        zone: of the agency.
    """
    begun_on, failed_on = (local_date(at, zone) for at in (row.created_at, row.changed_at))
    return Failed(row.method_kind, row.decline_code, begun_on, failed_on, row.charged_cents)
