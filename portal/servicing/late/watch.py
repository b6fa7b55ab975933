"""Looks after notices that are out: stopped by payment, resumed by a debit that failed, refused mail, days over."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select

from portal.core.audit import SYSTEM, record
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.financing.late.landed import named_open, stop_paid_notices
from portal.financing.late.models import CancelNotice
from portal.invoices.models import Invoice
from portal.payments.claims import held_invoices
from portal.payments.method_kinds import BANK_DEBIT
from portal.payments.models import Claim, Payment
from portal.servicing.late.installments import must_wait


def look_after_notices(session: Scoped, today: date, at: datetime, refused: Collection[int] = ()) -> None:
    """What a day brings for every live notice of the agency.

    When its days are over staff are asked to confirm the cancelation; nothing is canceled by itself, and nobody is
    asked while a payment is under way: that pauses it.

    Args:
        session: a write unit.
        refused: notices that no address of the insured took.
    """
    query = select(CancelNotice).where(CancelNotice.closed_at.is_(None)).order_by(CancelNotice.id)
    notices = session.scalars(query.with_for_update()).all()
    stop_paid_notices(session, {notice.program_id for notice in notices}, at)
    waits = must_wait(session)
    for notice in notices:
        if notice.closed_at is not None or notice.sent_on is None:
            continue
        if notice.id in refused and not notice.by_post:
            _to_post(session, notice, at)
            continue
        named = named_open(session, notice)
        _tell_of_failed_debit(session, notice, named, at)
        is_over = notice.pay_by is not None and notice.pay_by < today
        if is_over and not waits and notice.asked_at is None and not held_invoices(session, [one.id for one in named]):
            notice.asked_at = at
            cents = sum(one.open_cents for one in named)
            open_task(session, "notice.ended", str(notice.id), at, cents=cents, pay_by=_iso(notice.pay_by))
    session.flush()


def _tell_of_failed_debit(session: Scoped, notice: CancelNotice, named: Sequence[Invoice], at: datetime) -> None:
    """A debit had paused it and came to nothing: it goes on, and staff are told, once for each debit."""
    newest = (
        select(Payment.id)
        .join(Claim, Claim.payment_id == Payment.id)
        .where(
            Claim.invoice_id.in_([one.id for one in named]),
            Payment.method_kind == BANK_DEBIT,
            Payment.id > (notice.told_payment_id or 0),
            Payment.changed_at >= notice.made_at,
            ((Claim.state == "released") & (Payment.state == "failed")) | (Claim.state == "reversed"),
        )
        .order_by(Payment.id.desc())
        .limit(1)
    )
    payment_id = session.scalars(newest).first()
    if payment_id is not None:
        notice.told_payment_id = payment_id
        cents = sum(one.open_cents for one in named)
        open_task(session, "notice.debit_failed", str(notice.id), at, cents=cents, pay_by=_iso(notice.pay_by))


def _to_post(session: Scoped, notice: CancelNotice, at: datetime) -> None:
    """Nobody has got it: it goes by post, and its days begin anew when it is mailed."""
    notice.by_post, notice.sent_on, notice.pay_by, notice.asked_at = True, None, None, None
    open_task(session, "notice.to_print", str(notice.id), at, cents=notice.past_due_cents)
    record(session, SYSTEM, "notice.to_post", "program", notice.program_id, at, notice=notice.number)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
