"""The one writer of what becomes of refunds. Answers, events, the reconciler and the nightly look are only triggers."""

from datetime import datetime
from functools import partial

from sqlalchemy import select, update

from portal.core.audit import SYSTEM, record
from portal.core.db import run_unit
from portal.core.errors import NotFound
from portal.core.events import publish
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.financing.reversals import after_return
from portal.ledger.journal import post
from portal.ledger.models import JournalEntry
from portal.ledger.money_back_postings import TakenBack, refund_failed, refund_moved, refund_undone
from portal.payments.apply import READINGS, Contended
from portal.payments.events import RefundFailed, RefundSent
from portal.payments.gateway import Refused
from portal.payments.money_back.credit import enter_credit, owner_of
from portal.payments.money_back.gateway import RefundSeen
from portal.payments.money_back.landing import land_again
from portal.payments.money_back.models import Refund, RefundPart
from portal.payments.money_back.rules import check_refund_move, refund_outcome
from portal.payments.money_back.standing import take
from portal.payments.till import Till


def load_refund(session: Scoped, refund_id: int) -> Refund:
    """A refund of this agency.

    Raises:
        NotFound: there is none.
    """
    found = session.scalars(select(Refund).where(Refund.id == refund_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def find_refund(till: Till, intent_id: str, reference: str) -> RefundSeen | None:
    """Our refund among those of an intent, by the reference in its metadata.

    Raises:
        GatewayError: the processor could not be asked.
    """
    return next((seen for seen in till.gateway.refunds_of(intent_id) if seen.metadata.get("refund") == reference), None)


def apply_refund(till: Till, refund_id: int, seen: tuple[int, RefundSeen] | None = None) -> Refund:
    """Bring a refund to what the processor says of it.

    Reads our version, then the refund there, and writes only if the version is unchanged; else reads again.

    Args:
        till: the agency's till; no unit may be open.
        seen: our version and what the processor has just answered.

    Raises:
        GatewayError: the processor could not be asked; nothing was changed.
    """
    for _ in range(READINGS):
        if seen is None:
            with till.reading() as session:
                stored = load_refund(session, refund_id)
            if stored.refund_id is None:
                return stored
            seen = (stored.version, till.gateway.retrieve_refund(stored.refund_id))
        version, answer = seen
        seen = None
        written = run_unit(partial(_write, till, refund_id, version, answer))
        if written is not None:
            return written
    raise Contended(f"refund {refund_id}")


def give_refund_up(till: Till, refund_id: int, version: int, error: Refused) -> Refund:
    """The processor has refused it and made none: what was promised is undone, and staff learn why."""
    at = till.now()
    with till.writing() as session:
        made = load_refund(session, refund_id)
        take(session, made.payment_id)
        if made.version == version and made.state == "requested" and _move(session, made, "canceled", at):
            made.failure_code = error.code
            _undo(session, made, till, at)
            ref = f"{made.payment_id}:{made.reference}"
            open_task(session, "refund.refused", ref, at, amount_cents=made.total_cents, error=str(error))
            record(session, SYSTEM, "refund.canceled", "payment", made.payment_id, at, refund=made.reference)
        return made


def _write(till: Till, refund_id: int, version: int, seen: RefundSeen) -> Refund | None:
    """One transaction; None when the refund has changed since the processor was asked."""
    at = till.now()
    with till.writing() as session:
        made = load_refund(session, refund_id)
        take(session, made.payment_id)
        session.refresh(made)
        if made.version != version:
            return None
        made.checked_at, made.refund_id = at, seen.id
        made.transaction_id = seen.moved.id if seen.moved else None
        made.failure_transaction_id = seen.moved_back.id if seen.moved_back else None
        session.flush()
        ref = f"{made.payment_id}:{made.reference}"
        if seen.amount_cents != made.total_cents:
            open_task(
                session, "refund.amount_differs", ref, at, amount_cents=made.total_cents, seen_cents=seen.amount_cents
            )
        post_movements(session, seen, till, at)
        try:
            new = refund_outcome(seen.status, made.state)
        except LookupError:
            open_task(session, "refund.unknown_status", ref, at, status=seen.status)
            return made
        if new is None:
            return made
        was_out = made.state in {"pending", "succeeded"}
        if not _move(session, made, new, at):
            return None
        _follow(session, made, new, was_out, seen.failure_code, till, at)
        record(session, SYSTEM, f"refund.{new}", "payment", made.payment_id, at, refund=made.reference)
        return made


def _follow(
    session: Scoped, made: Refund, new: str, was_out: bool, failure_code: str | None, till: Till, at: datetime
) -> None:
    """What a new state brings with it: mail, books, a matter for staff."""
    if new == "succeeded":
        made.settled_at = at
    if new in {"pending", "succeeded"} and not was_out:
        publish(session, RefundSent(made.id, made.payment_id), at)
    if new == "canceled":
        _undo(session, made, till, at)
        open_task(session, "refund.canceled", f"{made.payment_id}:{made.reference}", at, amount_cents=made.total_cents)
    if new == "failed":
        made.failure_code = failure_code
        _owe_as_credit(session, made, till, at)
        publish(session, RefundFailed(made.id, made.payment_id), at)
        ref = f"{made.payment_id}:{made.reference}"
        open_task(session, "refund.failed", ref, at, amount_cents=made.total_cents, error=failure_code or "")


def post_movements(session: Scoped, seen: RefundSeen, till: Till, at: datetime) -> None:
    """Each balance transaction once, whoever sees it first."""
    for moved in filter(None, (seen.moved, seen.moved_back)):
        known = select(JournalEntry.id).where(JournalEntry.kind == "refund_moved", JournalEntry.ref == moved.id)
        if session.scalar(known) is None:
            post(session, [refund_moved(moved.id, moved.amount_cents, moved.fee_cents, till.today())], at)


def _owe_as_credit(session: Scoped, made: Refund, till: Till, at: datetime) -> None:
    """The payer's bank sent it back: we owe it still, as credit, until staff find another way."""
    cents = made.total_cents - made.unmatched_cents
    post(session, [refund_failed(str(made.id), cents, made.unmatched_cents, till.today())], at)
    _credit(session, "refund_failed", made, cents, till, at)


def _undo(session: Scoped, made: Refund, till: Till, at: datetime) -> None:
    """No money left: invoices are paid again as far as they are open, and the rest is the customer's credit."""
    rows = session.scalars(select(RefundPart).where(RefundPart.refund_id == made.id)).all()
    landed = land_again(session, made.payment_id, {row.invoice_id: row.amount_cents for row in rows}, at)
    rest = made.total_cents - made.fee_cents - made.unmatched_cents - sum(part.amount_cents for part in landed)
    again = TakenBack(landed, made.fee_cents, rest, made.unmatched_cents)
    post(session, [refund_undone(str(made.id), again, till.today())], at)
    after_return(session, [part.invoice.invoice_id for part in landed], till.today(), at)
    _credit(session, "refund_undone", made, rest, till, at)


def _credit(session: Scoped, kind: str, made: Refund, cents: int, till: Till, at: datetime) -> None:
    owner = owner_of(session, made.payment_id)
    enter_credit(
        session,
        kind,
        str(made.id),
        cents,
        till.today(),
        at,
        owner=owner,
        payment_id=made.payment_id,
        refund_id=made.id,
    )


def _move(session: Scoped, made: Refund, new: str, at: datetime) -> bool:
    """Change a refund's state by compare-and-set on its version; False when somebody was faster."""
    check_refund_move(made.state, new)
    changed = (
        update(Refund)
        .where(Refund.id == made.id, Refund.version == made.version)
        .values(state=new, version=made.version + 1, changed_at=at)
        .execution_options(synchronize_session=False)
    )
    is_ours: bool = session.execute(changed).rowcount == 1  # type: ignore[attr-defined]
    session.refresh(made)
    return is_ours
