"""The reconciler's part in refunds: those that have not come to their end, by state and age."""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select

from portal.core.db import run_unit
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.payments.gateway import KeysRefused
from portal.payments.money_back.apply_refund import load_refund
from portal.payments.money_back.models import Refund
from portal.payments.money_back.refund import resume
from portal.payments.money_back.rules import UNSETTLED
from portal.payments.submit import pause
from portal.payments.till import Till

AFTER = timedelta(minutes=2)
AGAIN = timedelta(seconds=45)
DAILY = timedelta(days=1)
STAFF_AFTER = timedelta(days=10)


def due_refunds(session: Scoped, at: datetime, most: int = 200) -> list[int]:
    """Ids of refunds to look at now, first those that were not looked at for longest."""
    looked_at = func.coalesce(Refund.checked_at, Refund.changed_at)
    rows = session.execute(
        select(Refund.id, Refund.state, Refund.changed_at, Refund.checked_at)
        .where(Refund.state.in_(UNSETTLED))
        .order_by(looked_at, Refund.id)
    )
    ids = []
    for refund_id, state, changed_at, checked_at in rows:
        is_sent = state != "requested"
        was_just_seen = checked_at is not None and at - checked_at < (DAILY if is_sent else AGAIN)
        if at - changed_at >= (DAILY if is_sent else AFTER) and not was_just_seen:
            ids.append(refund_id)
        if len(ids) == most:
            break
    return ids


def reconcile_refund(till: Till, refund_id: int) -> Refund:
    """Bring one unfinished refund on.

    Raises:
        GatewayError: the processor could not be asked; nothing changed, a later run tries again.
    """
    made = run_unit(partial(_look, till, refund_id))
    if made.state not in UNSETTLED or made.account != till.account:
        return made
    try:
        return resume(till, refund_id)
    except KeysRefused as error:
        pause(till, error)
        raise


def _look(till: Till, refund_id: int) -> Refund:
    """Note that it is looked at, and call staff where the machine cannot go on."""
    at = till.now()
    with till.writing() as session:
        made = load_refund(session, refund_id)
        if made.state not in UNSETTLED:
            return made
        made.checked_at = at
        ref = f"{made.payment_id}:{made.reference}"
        if at - made.created_at > STAFF_AFTER:
            open_task(session, "refund.stuck", ref, at, state=made.state)
        if made.account != till.account:
            open_task(session, "refund.other_account", ref, at, account=made.account)
        return made
