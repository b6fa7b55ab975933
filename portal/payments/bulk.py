"""Charge many at once with methods that are kept at the processor: what autopay does on a due date.

It is the protocol of `submit`, all rules of it hold. T1 claims for up to 200 at once (`bulk_claims.py`), then each
payment goes its own way, T2 and T3 as one statement, and what confirm answers is applied without asking again. One
process at a time does it for an account (`bulk_until`), so that all calls keep to its rate.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

from sqlalchemy import or_, update

from portal.agencies.models import ProcessorAccount
from portal.core.db import run_unit
from portal.core.errors import Conflict
from portal.core.text import text
from portal.payments.bulk_claims import BulkOrder, claim_many
from portal.payments.gateway import NewIntent
from portal.payments.method_kinds import charged_as
from portal.payments.models import Payment
from portal.payments.submit import create, finish, metadata_of, never
from portal.payments.till import Till
from portal.payments.transitions import check_move

AT_ONCE = 200
THREADS = 16
LEASE = timedelta(minutes=5)
"""Far longer than one batch takes, the processor's time-outs included."""


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
    with ThreadPoolExecutor(THREADS, thread_name_prefix="charge") as threads:
        for first in range(0, len(orders), AT_ONCE):
            begun = claim_many(till, orders[first : first + AT_ONCE])
            ended = threads.map(lambda each: _charge(till, *each), begun.payments)
            ends |= {**begun.left, **{payment.request_key: payment.state for payment in ended}}
            run_unit(partial(_lease, till, is_first=False))
    run_unit(partial(_release, till))
    return ends


def _charge(till: Till, payment: Payment, order: BulkOrder) -> Payment:
    """S1 to T4 of one payment that was begun."""
    new = NewIntent(
        amount_cents=payment.charged_cents,
        key=f"pi:{payment.reference}:{payment.intent_number}",
        method_kinds=(charged_as(payment.method_kind),),
        description=payment.reference,
        metadata=metadata_of(till, payment, dict(sorted(order.reviewed.items()))),
        customer_id=order.method.customer_id,
        method_id=order.method.method_id,
    )
    intent = create(till, payment, new)
    if isinstance(intent, Payment):
        return intent
    submitted = run_unit(partial(_submitted, till, payment.id, intent.id))
    if submitted is None:
        return never(till, payment.id, intent)
    key = f"cf:{submitted.reference}:{submitted.attempt}"
    return finish(till, submitted, lambda: till.gateway.confirm_kept(intent.id, key), is_watched=False)


def _submitted(till: Till, payment_id: int, intent_id: str) -> Payment | None:
    """T2 and T3: the intent's number and the decision to confirm it. None: the payment was given up meanwhile."""
    check_move("created", "ready")
    check_move("ready", "submitted")
    at = till.now()
    taken = (
        update(Payment)
        .where(Payment.id == payment_id, Payment.state == "created")
        .values(
            state="submitted",
            intent_id=intent_id,
            version=Payment.version + 2,
            attempt=Payment.attempt + 1,
            changed_at=at,
            submitted_at=at,
        )
        .returning(Payment)
        .execution_options(synchronize_session=False)
    )
    with till.writing() as session:
        return session.scalars(taken).one_or_none()


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
