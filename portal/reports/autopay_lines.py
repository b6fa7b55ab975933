"""Autopay in a line, for the pages that list programs: what it charges next, and to what."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, bindparam, exists, func, select

from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.payments.autopay.models import AutopayAnnouncement, AutopayEnrollment, AutopayTry
from portal.payments.autopay.rules import KINDS
from portal.payments.method_name import method_name
from portal.payments.methods.models import PaymentMethod
from portal.payments.models import Claim, Payment
from portal.programs.models import Program


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge that is coming, with its fee; `on` is its day."""

    what: Text | str
    on: date
    amount_cents: int


@dataclass(frozen=True, slots=True)
class AutopayLine:
    """Autopay in a line: the method, and what comes next; `next` is None when nothing is known.

    Args:
        asks: nothing is charged until the method is replaced.
    """

    method: Text | str
    next: Charge | None
    asks: bool


_LAST_TOLD = (
    select(func.max(AutopayAnnouncement.number))
    .where(
        AutopayAnnouncement.agency_id == Invoice.agency_id,
        AutopayAnnouncement.enrollment_id == AutopayEnrollment.id,
        AutopayAnnouncement.invoice_id == Invoice.id,
    )
    .correlate(Invoice, AutopayEnrollment)
    .scalar_subquery()
)
_FAILED = exists().where(
    AutopayTry.agency_id == Invoice.agency_id,
    AutopayTry.invoice_id == Invoice.id,
    AutopayTry.mandate_id == AutopayEnrollment.mandate_id,
    Payment.agency_id == Invoice.agency_id,
    Payment.id == AutopayTry.payment_id,
    Payment.state == "failed",
)
"""Its retries are told by themselves."""
_HELD = exists().where(Claim.agency_id == Invoice.agency_id, Claim.invoice_id == Invoice.id, Claim.state == "live")
_LINES = (
    select(
        AutopayEnrollment.program_id,
        AutopayEnrollment.asks_since,
        PaymentMethod.brand,
        PaymentMethod.last4,
        Invoice.kind,
        Invoice.description,
        Invoice.due_date,
        Invoice.open_cents,
        AutopayAnnouncement.charge_on,
        AutopayAnnouncement.fee_cents,
    )
    .join(PaymentMethod, PaymentMethod.id == AutopayEnrollment.payment_method_id)
    .outerjoin(
        Invoice,
        and_(
            Invoice.program_id == AutopayEnrollment.program_id,
            Invoice.state == "open",
            Invoice.kind.in_(KINDS),
            Invoice.due_date >= bindparam("today"),
            ~_FAILED,
            ~_HELD,
        ),
    )
    .outerjoin(
        AutopayAnnouncement,
        and_(
            AutopayAnnouncement.enrollment_id == AutopayEnrollment.id,
            AutopayAnnouncement.invoice_id == Invoice.id,
            AutopayAnnouncement.number == _LAST_TOLD,
        ),
    )
    .where(
        AutopayEnrollment.program_id.in_(bindparam("program_ids", expanding=True)),
        AutopayEnrollment.ended_at.is_(None),
    )
    .order_by(AutopayEnrollment.program_id, Invoice.due_date, Invoice.id)
)

HAS_AUTOPAY = (
    exists()
    .where(
        AutopayEnrollment.agency_id == Program.agency_id,
        AutopayEnrollment.program_id == Program.id,
        AutopayEnrollment.ended_at.is_(None),
    )
    .label("has_autopay")
)
"""A column of a query over programs: whether `autopay_lines` has one for it."""


def autopay_lines(session: Scoped, program_ids: Collection[int], today: date) -> dict[int, AutopayLine]:
    """Autopay of several programs in one query: program id -> its line; those without it are missing."""
    found: dict[int, AutopayLine] = {}
    rows = session.rows(_LINES, {"program_ids": tuple(program_ids), "today": today}) if program_ids else ()
    for row in rows:
        if row.program_id in found:
            continue
        charge = None
        if row.kind is not None:
            on = max(row.charge_on or row.due_date, today)
            charge = Charge(invoice_title(row.kind, row.description), on, row.open_cents + (row.fee_cents or 0))
        name = method_name(row.brand, row.last4)
        found[row.program_id] = AutopayLine(name, charge, row.asks_since is not None)
    return found
