"""The reconciler: payments that nobody finished, by state and age (docs/payments.md, "Reconciler")."""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from portal.core.db import run_unit
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.payments.apply import apply, load, move, stop
from portal.payments.claims import release
from portal.payments.models import Payment
from portal.payments.till import Till
from portal.payments.transitions import CLOSED

AFTER = {
    "created": timedelta(minutes=15),
    "ready": timedelta(minutes=15),
    "submitted": timedelta(minutes=2),
    "action_required": timedelta(minutes=30),
    "processing": timedelta(hours=1),
    "declined": timedelta(0),
}
STAFF_AFTER = timedelta(days=7)


def due(session: Scoped, at: datetime, most: int = 200) -> list[int]:
    """Ids of payments to look at now, the longest untouched first; settled ones are not even read."""
    open_ones = (
        select(Payment.id, Payment.state, Payment.changed_at, Payment.checked_at)
        .where(Payment.state.not_in(CLOSED))
        .order_by(Payment.changed_at)
    )
    ids = []
    for payment_id, state, changed_at, checked_at in session.execute(open_ones):
        since = max(changed_at, checked_at) if state == "processing" and checked_at else changed_at
        if at - since >= AFTER[state]:
            ids.append(payment_id)
        if len(ids) == most:
            break
    return ids


def reconcile(till: Till, payment_id: int) -> Payment:
    """Bring one unfinished payment to where it belongs.

    Raises:
        GatewayError: the processor could not be asked; nothing changed, the next run tries again.
    """
    run_unit(partial(_call_staff_when_old, till, payment_id))
    with till.reading() as session:
        payment = load(session, payment_id)
    if payment.state in CLOSED:
        return payment
    if payment.intent_id is None:
        return run_unit(partial(_cancel_unsent, till, payment_id))
    if payment.state != "ready":
        payment = apply(till, payment_id)
        if payment.state not in {"submitted", "action_required"}:
            return payment
    return stop(till, payment)


def _cancel_unsent(till: Till, payment_id: int) -> Payment:
    at = till.now()
    with till.writing() as session:
        payment = load(session, payment_id)
        if payment.state == "created" and move(session, payment, "canceled", at):
            release(session, payment.id)
            session.flush()
        return payment


def _call_staff_when_old(till: Till, payment_id: int) -> None:
    at = till.now()
    with till.writing() as session:
        payment = load(session, payment_id)
        if payment.state not in CLOSED and at - payment.changed_at > STAFF_AFTER:
            open_task(session, "payment.stuck", str(payment.id), at, state=payment.state)
