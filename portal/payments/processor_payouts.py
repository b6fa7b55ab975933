"""Payouts of the processor to the agency's bank: read, listed, posted. What is not by the rule is for staff.

An automatic payout goes into the books once the processor has matched what it pays out (`is_reconciled`), so that all
of it is known here. One by hand cannot be listed; it is posted, and staff are told. One that was paid can still fail.
"""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select, update

from portal.core.audit import SYSTEM, record
from portal.core.db import run_unit
from portal.core.one_by_one import one_by_one
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.ledger.journal import post
from portal.ledger.postings import Entry
from portal.ledger.processor_postings import payout_created, payout_failed, payout_paid
from portal.payments.balance_models import BalanceTransaction, ProcessorPayout
from portal.payments.balance_transactions import insert_once, keep, post_open, read_balance
from portal.payments.payout_moves import next_state, steps
from portal.payments.processor_books import PayoutSeen
from portal.payments.till import Till

LOOK_BACK = timedelta(days=14)
"""So long a payout may take to reach its end, or to fail after it: the hourly look takes all of them again."""


def read_payouts(till: Till) -> int:
    """Read the balance's movements and every payout of the last two weeks; how many payouts there were.

    Raises:
        GatewayError: the processor could not be asked for its movements; the next hour tries again.
        ExceptionGroup: some payouts or movements could not be read or worked; all others are.
    """
    read_balance(till)
    payouts: list[PayoutSeen] = []

    def take_all() -> None:
        payouts.extend(till.gateway.payouts_since(till.now() - LOOK_BACK))
        payouts.sort(key=lambda each: each.created_at)
        one_by_one(partial(_take, till, each) for each in payouts)

    one_by_one([take_all, partial(post_open, till)])
    return len(payouts)


def take_payout(till: Till, payout_id: str) -> str:
    """Bring one payout to what the processor says of it; its state then.

    Raises:
        GatewayError: the processor could not be asked.
        ExceptionGroup: some of its movements could not be posted; all others are.
    """
    state = _take(till, till.gateway.payout(payout_id))
    post_open(till, payout_id)
    return state


def _take(till: Till, seen: PayoutSeen) -> str:
    row = insert_once(partial(_stored, till, seen))
    if seen.is_automatic and seen.is_reconciled and not row.is_listed:
        keep(till, till.gateway.balance_of_payout(seen.id), seen.id)
        run_unit(partial(_listed, till, row.id))
    return run_unit(partial(_booked, till, row.id))


def _stored(till: Till, seen: PayoutSeen) -> ProcessorPayout:
    """The payout as a row, moved on to what the processor says now."""
    at = till.now()
    with till.writing() as session:
        query = select(ProcessorPayout).where(
            ProcessorPayout.account == till.account, ProcessorPayout.payout_id == seen.id
        )
        row = session.scalars(query.with_for_update()).one_or_none()
        if row is None:
            row = ProcessorPayout(
                account=till.account,
                payout_id=seen.id,
                state=seen.status,
                booked="none",
                amount_cents=seen.amount_cents,
                is_automatic=seen.is_automatic,
                is_listed=False,
                created_at=seen.created_at,
                arrives_on=seen.arrives_on,
                trace=seen.trace,
                failure=seen.failure,
            )
            session.add(row)
            session.flush()
            _announced(session, row, seen, at)
            return row
        state = next_state(row.state, seen.status)
        if state == seen.status:
            row.arrives_on, row.trace, row.failure = seen.arrives_on, seen.trace, seen.failure
        if state != row.state:
            row.state = state
            _announced(session, row, seen, at)
        return row


def _announced(session: Scoped, row: ProcessorPayout, seen: PayoutSeen, at: datetime) -> None:
    """Audit a new state, and call staff where it is not by the rule."""
    cents = row.amount_cents
    record(session, SYSTEM, f"payout.{row.state}", "payout", row.id, at, payout=row.payout_id, amount_cents=cents)
    if row.state == "failed":
        open_task(session, "payout.failed", row.payout_id, at, amount_cents=row.amount_cents, why=row.failure)
    if not seen.is_automatic or seen.is_instant:
        open_task(session, "payout.by_hand", row.payout_id, at, amount_cents=row.amount_cents)


def _listed(till: Till, row_id: int) -> None:
    """All that a payout pays out is known: it must add up to what went to the bank."""
    at = till.now()
    with till.writing() as session:
        row = session.scalars(select(ProcessorPayout).where(ProcessorPayout.id == row_id)).one()
        rest = session.scalar(
            select(func.coalesce(func.sum(BalanceTransaction.net_cents), 0)).where(
                BalanceTransaction.payout_id == row.payout_id
            )
        )
        row.is_listed = True
        if rest:
            open_task(
                session, "payout.differs", row.payout_id, at, amount_cents=row.amount_cents, difference_cents=int(rest)
            )


def _booked(till: Till, row_id: int) -> str:
    """Post what is still to be posted of a payout; its state."""
    at = till.now()
    with till.writing() as session:
        row = session.scalars(select(ProcessorPayout).where(ProcessorPayout.id == row_id)).one()
        is_complete = row.is_listed or not row.is_automatic or row.state in {"failed", "canceled"}
        for step in steps(row.booked, row.state) if is_complete else ():
            taken = (
                update(ProcessorPayout)
                .where(ProcessorPayout.id == row.id, ProcessorPayout.booked == row.booked)
                .values(booked=step)
                .execution_options(synchronize_session=False)
            )
            if session.execute(taken).rowcount != 1:  # type: ignore[attr-defined]
                return row.state  # somebody else posts it at this moment
            post(session, [_entry(row, step, till)], at)
            session.refresh(row)
        return row.state


def _entry(row: ProcessorPayout, step: str, till: Till) -> Entry:
    today = till.today()
    if step == "created":
        return payout_created(row.payout_id, row.amount_cents, today)
    if step == "paid":
        return payout_paid(row.payout_id, row.amount_cents, today)
    return payout_failed(row.payout_id, row.amount_cents, was_paid=row.booked == "paid", booked_on=today)
