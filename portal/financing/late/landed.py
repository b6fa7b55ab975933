"""What follows for notices of cancelation when money lands on installments."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from portal.core.audit import SYSTEM, record
from portal.core.staff_tasks import settle_task
from portal.core.tenancy import Scoped
from portal.financing.late.models import CancelNotice
from portal.invoices.models import Invoice

CONFIRM, PRINT, ENDED, DEBIT_FAILED = "notice.to_confirm", "notice.to_print", "notice.ended", "notice.debit_failed"
TASKS = (CONFIRM, PRINT, ENDED, DEBIT_FAILED)
"""Matters for staff about a notice; their reference is its id."""


def stop_paid_notices(session: Scoped, program_ids: Collection[int], at: datetime) -> None:
    """Close the notices of these programs of whose installments nothing is open any more: nothing is canceled.

    Args:
        session: the write unit in which the money has landed.
    """
    if not program_ids:
        return
    live = select(CancelNotice).where(CancelNotice.program_id.in_(program_ids), CancelNotice.closed_at.is_(None))
    for notice in session.scalars(live).all():
        if not named_open(session, notice):
            close_notice(session, notice, "paid", "", at)
            record(session, SYSTEM, "notice.stopped", "program", notice.program_id, at, notice=notice.number)
    session.flush()


def named_open(session: Scoped, notice: CancelNotice) -> Sequence[Invoice]:
    """The installments that a notice names, as far as they are open, by their day."""
    query = select(Invoice).where(
        Invoice.program_id == notice.program_id,
        Invoice.kind == "installment",
        Invoice.due_date <= notice.through,
        Invoice.state == "open",
    )
    return session.scalars(query.order_by(Invoice.due_date, Invoice.id)).all()


def close_notice(session: Scoped, notice: CancelNotice, closed_for: str, by: str, at: datetime) -> None:
    """Its clock stops for good, and staff need not look at it any more."""
    notice.closed_at, notice.closed_for, notice.closed_by = at, closed_for, by
    for kind in TASKS:
        settle_task(session, kind, str(notice.id), closed_for, at)
    session.flush()
