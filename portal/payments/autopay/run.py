"""The hourly run of an agency: what is coming is announced, what is due is charged, cards that expire are told of.

It is the bulk protocol (`portal/payments/bulk.py`): a repeat, a second worker or a restart charges nothing twice.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError

from portal.core.audit import SYSTEM
from portal.core.db import run_unit
from portal.core.events import publish, publish_all
from portal.core.staff_tasks import open_if_new
from portal.core.tenancy import Scoped
from portal.payments.autopay.due import Due, announced_until, steps
from portal.payments.autopay.ending import end_enrollment
from portal.payments.autopay.events import CardExpires, ChargeAnnounced, MethodAsked
from portal.payments.autopay.models import AutopayAnnouncement, AutopayEnrollment
from portal.payments.autopay.rules import NOTICE
from portal.payments.bulk import charge_many
from portal.payments.bulk_claims import Authority, BulkOrder
from portal.payments.methods.models import PaymentMethod
from portal.payments.methods.moves import expires_after
from portal.payments.models import Claim
from portal.payments.till import Till
from portal.programs.models import Program

TOGETHER = 200
WARNINGS = (15, 60)
"""Days before its expiry at which the owner of a card is told, the later first."""


def run(till: Till) -> dict[str, str]:
    """Do all that is due at an agency now.

    Args:
        till: the agency's till; no unit may be open.

    Returns:
        Request key -> what came of each charge, as `charge_many` says it.

    Raises:
        ChargedElsewhere: another worker charges this account; what is due is in its hands.
    """
    run_unit(partial(_end_closed, till))
    with till.reading() as session:
        found = list(steps(session, till.today()))
    told = [each for each in found if each.step.what != "charge"]
    for start in range(0, len(told), TOGETHER):
        tell(till, told[start : start + TOGETHER])
    warn_of_cards(till)
    orders = [order_of(each) for each in found if each.step.what == "charge"]
    return charge_many(till, orders) if orders else {}


def order_of(due: Due) -> BulkOrder:
    """What is charged for an invoice that is due."""
    return BulkOrder(
        request_key=due.request_key,
        reviewed={due.row.id: due.row.open_cents},
        fee_cents=due.fee_cents,
        method=due.method,
        payer=due.payer,
        authority=Authority(due.row.enrollment_id, due.row.mandate_id, due.number),
    )


def tell(till: Till, found: Sequence[Due]) -> None:
    """Announce charges, ask for methods, call staff; what another worker has just announced is left to it."""
    try:
        run_unit(partial(_tell, till, found))
    except IntegrityError:
        if len(found) > 1:
            for each in found:
                tell(till, [each])


def _tell(till: Till, found: Sequence[Due]) -> None:
    at = till.now()
    with till.writing() as session:
        announced = [_announcement(each, at) for each in found if each.step.what == "announce"]
        session.add_all(announced)
        session.flush()
        programs = {each.row.id: each.row.program_id for each in found}
        news = [ChargeAnnounced(each.id, programs[each.invoice_id]) for each in announced]
        if news:
            publish_all(session, news, at)
        for each in found:
            row = each.row
            if each.step.what == "ask":
                publish(session, MethodAsked(row.enrollment_id, row.id, row.program_id), at)
            elif each.step.what == "leave":
                _leave(session, each, at)


def _leave(session: Scoped, due: Due, at: datetime) -> None:
    """Call staff, and once more when the cause or the day is another, it was tried again, or more came back."""
    row = due.row
    taken_back = select(func.coalesce(func.sum(Claim.taken_back_cents), 0)).where(Claim.invoice_id == row.id)
    open_if_new(
        session,
        "autopay.not_charged",
        str(row.id),
        at,
        invoice=row.number,
        why=due.step.why,
        due_date=row.due_date.isoformat(),
        attempts=int(row.last_try),
        taken_back_cents=int(session.scalars(taken_back).one()),
    )


def announce_anew(session: Scoped, today: date, at: datetime) -> None:
    """A backup was restored: who has turned autopay off since is to hear of it before anything is charged.

    Args:
        session: a write unit, before the account is opened again.
    """
    announced = [
        _told(row, max(row.due_date, today + NOTICE), row.told_cents, row.fee_cents, at)
        for row in announced_until(session, today + NOTICE)
    ]
    session.add_all(announced)
    session.flush()
    programs = dict(session.execute(select(AutopayEnrollment.id, AutopayEnrollment.program_id)).all())
    publish_all(session, [ChargeAnnounced(each.id, programs[each.enrollment_id]) for each in announced], at)


def _announcement(due: Due, at: datetime) -> AutopayAnnouncement:
    return _told(due.row, due.step.on, due.amount_cents, due.fee_cents, at)


def _told(row: Any, charge_on: date, amount_cents: int, fee_cents: int, at: datetime) -> AutopayAnnouncement:
    return AutopayAnnouncement(
        enrollment_id=row.enrollment_id,
        invoice_id=row.id,
        number=(row.told_number or 0) + 1,
        how="mail",
        payment_method_id=row.payment_method_id,
        due_date=row.due_date,
        charge_on=charge_on,
        amount_cents=amount_cents,
        fee_cents=fee_cents,
        announced_at=at,
    )


def _end_closed(till: Till) -> None:
    """Programs that were canceled or archived are on autopay no more: reinstating one needs a new consent."""
    closed = or_(Program.canceled_on.is_not(None), Program.archived_at.is_not(None))
    query = (
        select(AutopayEnrollment)
        .join(Program, Program.id == AutopayEnrollment.program_id)
        .where(AutopayEnrollment.ended_at.is_(None), closed)
    )
    with till.reading() as session:
        if session.scalars(query.limit(1)).first() is None:
            return
    with till.writing() as session:
        for enrollment in session.scalars(query.order_by(AutopayEnrollment.id)).all():
            end_enrollment(session, enrollment, "program", SYSTEM, till.now())


def warn_of_cards(till: Till) -> None:
    """Tell the owners of cards that autopay charges and that expire soon, 60 and 15 days before, each once."""
    with till.reading() as session:
        found = expiring(session, till.today())
    for method_id, days in found:
        run_unit(partial(_warn, till, method_id, days))


def expiring(session: Scoped, today: date) -> list[tuple[int, int]]:
    """Methods whose owners are to be told on a day, and how many days before."""
    last = today + timedelta(days=WARNINGS[-1])
    charged = select(AutopayEnrollment.payment_method_id).where(AutopayEnrollment.ended_at.is_(None))
    query = select(
        PaymentMethod.id, PaymentMethod.exp_year, PaymentMethod.exp_month, PaymentMethod.expiry_warned_days
    ).where(
        PaymentMethod.state == "active",
        PaymentMethod.id.in_(charged),
        or_(
            PaymentMethod.exp_year < last.year,
            (PaymentMethod.exp_year == last.year) & (PaymentMethod.exp_month <= last.month),
        ),
    )
    found = []
    for row in session.execute(query.order_by(PaymentMethod.id)):
        left = (expires_after(row.exp_year, row.exp_month) - today).days
        days = next((each for each in WARNINGS if 0 <= left <= each), None)
        if days is not None and (row.expiry_warned_days is None or row.expiry_warned_days > days):
            found.append((row.id, days))
    return found


def _warn(till: Till, method_id: int, days: int) -> None:
    at = till.now()
    fresh = or_(PaymentMethod.expiry_warned_days.is_(None), PaymentMethod.expiry_warned_days > days)
    noting = (
        update(PaymentMethod)
        .where(PaymentMethod.id == method_id, PaymentMethod.state == "active", fresh)
        .values(expiry_warned_days=days)
        .execution_options(synchronize_session=False)
    )
    with till.writing() as session:
        if session.execute(noting).rowcount == 1:  # type: ignore[attr-defined]
            method = session.get_one(PaymentMethod, method_id)
            until = f"{method.exp_year}-{method.exp_month:02}" if method.exp_month else ""
            publish(session, CardExpires(method_id, 15 if days == 15 else 60, until), at)
