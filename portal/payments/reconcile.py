"""The reconciler: payments that nobody finished, by state and age (docs/payments.md, "Reconciler")."""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import String, bindparam, func, select

from portal.core.db import run_unit
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.payments.apply import apply, end, load, stop
from portal.payments.gateway import KeysRefused
from portal.payments.models import Payment
from portal.payments.submit import pause
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
AGAIN_AFTER = {"processing": timedelta(hours=1)}
AGAIN = timedelta(seconds=45)
STAFF_AFTER = {"processing": timedelta(days=10)}
LONG = timedelta(days=7)
_IN_INDEX = ("succeeded", "failed", "canceled")
IS_OPEN = Payment.state.not_in(
    bindparam("closed", _IN_INDEX, String(), expanding=True, literal_execute=True)  # in the statement itself
)
"""Word for word the condition of the index of open payments: SQLite would else read the settled ones, too."""


def due(session: Scoped, at: datetime, most: int = 200) -> list[int]:
    """Ids of payments to look at now; settled ones are not even read.

    First those that were not looked at for longest: payments that cannot be brought on hide no others.
    """
    looked_at = func.coalesce(Payment.checked_at, Payment.changed_at)
    open_ones = (
        select(Payment.id, Payment.state, Payment.changed_at, Payment.checked_at)
        .where(IS_OPEN)
        .order_by(looked_at, Payment.id)
    )
    ids = []
    for payment_id, state, changed_at, checked_at in session.execute(open_ones):
        was_just_seen = checked_at is not None and at - checked_at < AGAIN_AFTER.get(state, AGAIN)
        if at - changed_at >= AFTER[state] and not was_just_seen:
            ids.append(payment_id)
        if len(ids) == most:
            break
    return ids


def reconcile(till: Till, payment_id: int) -> Payment:
    """Bring one unfinished payment to where it belongs.

    Raises:
        GatewayError: the processor could not be asked; nothing changed, a later run tries again.
    """
    payment = run_unit(partial(_look, till, payment_id))
    if payment.state in CLOSED or till.now() - payment.changed_at < AFTER[payment.state]:
        return payment
    if payment.intent_id is None:
        return run_unit(partial(_cancel_unsent, till, payment_id))
    if payment.account != till.account:
        return payment
    try:
        return _ask(till, payment)
    except KeysRefused as error:
        pause(till, error)
        raise


def _ask(till: Till, payment: Payment) -> Payment:
    """What the processor says counts; an intent that still waits when its time is over is cancelled."""
    if payment.state == "ready":
        return stop(till, payment)
    current = apply(till, payment.id)
    if current.state == payment.state and current.state in {"submitted", "action_required"}:
        return stop(till, current)
    return current


def _look(till: Till, payment_id: int) -> Payment:
    """Note that it is looked at, and call staff where the machine cannot go on."""
    at = till.now()
    with till.writing() as session:
        payment = load(session, payment_id)
        if payment.state in CLOSED:
            return payment
        payment.checked_at = at
        if at - payment.changed_at > STAFF_AFTER.get(payment.state, LONG):
            open_task(session, "payment.stuck", str(payment.id), at, state=payment.state)
        if payment.intent_id is not None and payment.account != till.account:
            open_task(session, "payment.other_account", str(payment.id), at, account=payment.account)
        return payment


def _cancel_unsent(till: Till, payment_id: int) -> Payment:
    with till.writing() as session:
        payment = load(session, payment_id)
        if payment.state == "created":
            end(session, payment, "canceled", till.now(), is_watched=False)
        return payment
