"""The one writer of outcomes: payment, claims, invoices, books and news, in one transaction.

Webhooks, return pages and the reconciler are only triggers. It is monotonic, and it never discards a success.
"""

from datetime import datetime
from functools import partial

from sqlalchemy import select, update

from portal.core.audit import SYSTEM, record
from portal.core.db import run_unit
from portal.core.errors import NotFound
from portal.core.events import publish
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.payments.autopay.failing import after_failure
from portal.payments.autopay.holding import KIND as AUTOPAY
from portal.payments.claims import release
from portal.payments.events import PaymentFailed
from portal.payments.gateway import GatewayError, Intent, Refused
from portal.payments.models import Payment
from portal.payments.moved import Moved, follow_up
from portal.payments.till import Till
from portal.payments.transitions import CLOSED, check_move, outcome

READINGS = 5


class Contended(GatewayError):
    """Others kept changing the payment while we read the processor; the next trigger tries again."""


def load(session: Scoped, payment_id: int) -> Payment:
    """A payment of this agency.

    Raises:
        NotFound: there is none.
    """
    payment = session.scalars(select(Payment).where(Payment.id == payment_id)).one_or_none()
    if payment is None:
        raise NotFound
    return payment


def apply(till: Till, payment_id: int, seen: tuple[int, Intent] | None = None, *, is_watched: bool = False) -> Payment:
    """Bring a payment to what its intent says, and a decline to its end.

    Reads our version, then the intent, and writes only if the version is unchanged; else reads again.

    Args:
        till: the agency's till; no unit may be open.
        payment_id: the payment; without an intent nothing happens.
        seen: our version and the intent that create, confirm or cancel has just answered.
        is_watched: the payer sees the outcome on the screen, so that a failure needs no mail.

    Returns:
        The payment as stored now.

    Raises:
        GatewayError: the processor could not be asked; nothing was changed.
    """
    for _ in range(READINGS):
        if seen is None:
            with till.reading() as session:
                payment = load(session, payment_id)
            if payment.intent_id is None:
                return payment
            seen = (payment.version, till.gateway.retrieve(payment.intent_id))
        version, intent = seen
        seen = None
        written = run_unit(partial(_write, till, payment_id, version, intent, is_watched))
        if written is None:
            continue
        if written.state != "declined":
            return written
        seen = _cancel(till, written)
    raise Contended(f"payment {payment_id}")


def stop(till: Till, payment: Payment, *, is_watched: bool = False) -> Payment:
    """Make sure that a payment never charges; when it already has, record that instead.

    Raises:
        GatewayError: the processor could not be asked; nothing was changed.
    """
    assert payment.intent_id is not None
    try:
        canceled = till.gateway.cancel(payment.intent_id)
    except Refused:
        return apply(till, payment.id, is_watched=is_watched)
    return apply(till, payment.id, (payment.version, canceled), is_watched=is_watched)


def move(session: Scoped, payment: Payment, new: str, at: datetime) -> bool:
    """Change a payment's state by compare-and-set on its version; False when somebody was faster.

    Raises:
        IllegalMove: the table of moves does not hold it.
    """
    check_move(payment.state, new)
    changed = (
        update(Payment)
        .where(Payment.id == payment.id, Payment.version == payment.version)
        .values(state=new, version=payment.version + 1, changed_at=at)
        .execution_options(synchronize_session=False)
    )
    is_ours: bool = session.execute(changed).rowcount == 1  # type: ignore[attr-defined]
    session.refresh(payment)
    return is_ours


def end(session: Scoped, payment: Payment, new: str, at: datetime, *, is_watched: bool) -> bool:
    """Close a payment that will not charge: let its claims go, and tell the payer by mail unless they see it.

    What autopay gave up before it was declined it begins anew by itself: nobody is told.

    Args:
        new: failed or canceled.

    Returns:
        False when somebody was faster; then nothing has changed.
    """
    if not move(session, payment, new, at):
        return False
    release(session, payment.id)
    if payment.kind == AUTOPAY and new == "failed":
        after_failure(session, payment, at)
    if not is_watched and not (payment.kind == AUTOPAY and new == "canceled"):
        publish(session, PaymentFailed(payment.id), at)
    record(session, SYSTEM, f"payment.{new}", "payment", payment.id, at, intent=payment.intent_id)
    return True


def _cancel(till: Till, payment: Payment) -> tuple[int, Intent] | None:
    """After a decline: make sure that this intent never charges. None when it has to be read again."""
    assert payment.intent_id is not None
    try:
        return payment.version, till.gateway.cancel(payment.intent_id)
    except Refused:
        return None


def _write(till: Till, payment_id: int, version: int, intent: Intent, is_watched: bool) -> Payment | None:
    """One transaction; None when the payment has changed since the intent was read."""
    at = till.now()
    with till.writing() as session:
        payment = load(session, payment_id)
        if payment.version != version:
            return None
        payment.checked_at = at
        session.flush()
        try:
            new = outcome(intent.status, intent.error_code, payment.state)
        except LookupError:
            open_task(session, "payment.unknown_status", str(payment.id), at, status=intent.status)
            return payment
        if new is None:
            return payment
        if new in {"failed", "canceled"}:
            return payment if end(session, payment, new, at, is_watched=is_watched) else None
        was_closed = payment.state in CLOSED
        if not move(session, payment, new, at):
            return None
        if new == "declined":
            payment.decline_code = intent.error_code
        follow_up(session, [Moved(payment, intent, was_closed)], till.today(), at)
        return payment
