"""What follows from a charge of autopay that failed, in the transaction that closes its payment."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, select

from portal.agencies.models import Agency
from portal.core.audit import SYSTEM, record
from portal.core.clock import local_date
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.payments.autopay.due import failed_try
from portal.payments.autopay.ending import end_enrollment
from portal.payments.autopay.models import AutopayEnrollment, AutopayTry
from portal.payments.method_kinds import BANK_DEBIT
from portal.payments.methods.saved import disable
from portal.payments.models import Payment
from portal.payments.retries import Verdict, verdict
from portal.reference.bank_returns import find_return


def after_failure(session: Scoped, payment: Payment, at: datetime) -> None:
    """Turn autopay off, or let it ask for another method, as the rules of retries say.

    Args:
        session: the write unit that has just closed the payment as failed.
    """
    found = enrollment_of(session, payment.id)
    if found is None:
        return
    enrollment, mandate_id = found
    if payment.method_kind == BANK_DEBIT:
        returned = find_return(payment.decline_code)
        if returned.autopay in {"review", "disable_and_review"}:
            open_task(session, "autopay.returned", str(payment.id), at, code=returned.code, title=returned.title)
        if returned.remove_method:
            disable(session, payment.method_fingerprint, returned.code, at)
            session.refresh(enrollment)
    if enrollment.ended_at is not None or enrollment.mandate_id != mandate_id:
        return
    then = verdict_on(session, payment)
    if then.step == "off":
        end_enrollment(session, enrollment, "failures", SYSTEM, at)
    elif then.step == "ask" and enrollment.asks_since is None:
        enrollment.asks_since = at
        record(session, SYSTEM, "autopay.asked", "program", enrollment.program_id, at, code=payment.decline_code)
        session.flush()


def enrollment_of(session: Scoped, payment_id: int) -> tuple[AutopayEnrollment, int] | None:
    """The enrollment that began a payment, and the mandate by which it did; None if autopay did not."""
    query = (
        select(AutopayEnrollment, AutopayTry.mandate_id)
        .join(AutopayTry, AutopayTry.enrollment_id == AutopayEnrollment.id)
        .where(AutopayTry.payment_id == payment_id)
    )
    return session.execute(query).one_or_none()


def verdict_on(session: Scoped, payment: Payment) -> Verdict:
    """What follows from a payment of autopay that failed, as it stands now. The mail about it says the same."""
    zone = session.get_one(Agency, session.agency_id).time_zone
    rows = _tries_before(session, payment.id)
    invoice_id = rows[-1].invoice_id
    failed = [failed_try(row, zone) for row in rows if row.invoice_id == invoice_id and row.state == "failed"]
    return verdict(failed, _failed_in_a_row(rows, zone))


def _tries_before(session: Scoped, payment_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """All tries by the same consent up to this payment's, in the order in which they were begun."""
    this = select(AutopayTry).where(AutopayTry.payment_id == payment_id).subquery()
    query = (
        select(
            AutopayTry.id,
            AutopayTry.invoice_id,
            Payment.state,
            Payment.method_kind,
            Payment.decline_code,
            Payment.created_at,
            Payment.changed_at,
            Payment.charged_cents,
        )
        .join(Payment, Payment.id == AutopayTry.payment_id)
        .join(
            this,
            and_(
                this.c.enrollment_id == AutopayTry.enrollment_id,
                this.c.mandate_id == AutopayTry.mandate_id,
                AutopayTry.id <= this.c.id,
            ),
        )
        .where(Payment.state.in_(["failed", "succeeded", "processing"]))
        .order_by(AutopayTry.id)
    )
    return session.execute(query).all()


def _failed_in_a_row(rows: Sequence[Row[*tuple[Any, ...]]], zone: str) -> int:
    """How many days of invoices at the end of the tries failed, with no money between them; two of a day count once."""
    first_try: dict[int, date] = {}
    for row in reversed(rows):
        if row.state != "failed":
            break
        first_try[row.invoice_id] = local_date(row.created_at, zone)
    return len(set(first_try.values()))
