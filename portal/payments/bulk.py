"""Charge many at once with methods that are kept at the processor: what autopay does on a due date.

It is the protocol of `submit`, all rules of it hold. T1 claims for up to 200 at once (`bulk_claims.py`), then each
payment goes its own way (`bulk_run.py`): T2 and T3 as one statement, and what confirm answers is applied without asking
again, each for all payments that have come so far (`bulk_units.py`). One process at a time does it for an account
(`bulk_until`), so that all calls keep to its rate.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import or_, update

from portal.agencies.models import ProcessorAccount
from portal.core.db import run_unit
from portal.core.errors import Conflict
from portal.core.text import text
from portal.payments.bulk_claims import BulkOrder, claim_many
from portal.payments.bulk_run import THREADS, running
from portal.payments.till import Till

AT_ONCE = 200
LEASE = timedelta(minutes=5)
"""Kept by the run itself, long before it ends: far longer than one step takes, the processor's time-outs included."""


class ChargedElsewhere(Conflict):
    """Another process charges this account in bulk at this moment; nothing was begun here."""

    default = text("Another run is charging this account. Nothing was begun.")


def charge_many(till: Till, orders: Sequence[BulkOrder]) -> dict[str, str]:
    """Charge each order once, whatever happens on the way. A repeated request key charges nothing more.

    Args:
        till: the agency's till; no unit may be open.
        orders: at most one for an invoice.

    Returns:
        Request key -> the payment's state; or why none was begun: `held` by another payment, or `changed`.

    Raises:
        ChargedElsewhere: nothing was begun.
    """
    if not run_unit(partial(_lease, till, is_first=True)):
        raise ChargedElsewhere
    ends: dict[str, str] = {}
    left = list(orders)
    kept_at = till.now()
    with running(till) as run:
        while left or not run.is_over:
            if left and run.not_created < THREADS:
                begun = claim_many(till, left[:AT_ONCE])
                del left[:AT_ONCE]
                ends |= begun.left
                run.add(begun.payments)
            if not run.is_over:
                run.step()
            if till.now() - kept_at > LEASE / 5:
                run_unit(partial(_lease, till, is_first=False))
                kept_at = till.now()
    run_unit(partial(_release, till))
    for error in run.failed:
        raise error
    return ends | run.ends


def _lease(till: Till, *, is_first: bool) -> bool:
    """Take the account for the next batch, or keep it; False when another process has it."""
    at = till.now()
    free = or_(ProcessorAccount.bulk_until.is_(None), ProcessorAccount.bulk_until < at)
    take = update(ProcessorAccount).values(bulk_until=at + LEASE).execution_options(synchronize_session=False)
    with till.writing() as session:
        return session.execute(take.where(free) if is_first else take).rowcount == 1  # type: ignore[attr-defined, no-any-return]


def _release(till: Till) -> None:
    with till.writing() as session:
        session.execute(update(ProcessorAccount).values(bulk_until=None).execution_options(synchronize_session=False))
