"""Refunds that the processor knows: ours are brought on; one made there, or forgotten by a backup, is taken in."""

from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.core.audit import SYSTEM, record
from portal.core.db import run_unit
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.payments.apply import Contended
from portal.payments.models import Payment
from portal.payments.money_back.apply_refund import apply_refund, post_movements
from portal.payments.money_back.gateway import RefundSeen
from portal.payments.money_back.models import Refund
from portal.payments.money_back.refund import new_refund_reference, promise
from portal.payments.money_back.rules import AT_PROCESSOR, UNFAILED, split_back
from portal.payments.money_back.standing import standing_gone, take
from portal.payments.till import Till

NOT_OURS = "not ours"


def take_in_refund(till: Till, seen: RefundSeen) -> str | None:
    """Bring a refund into the books as the processor reports it.

    Args:
        till: the agency's till; no unit may be open.

    Returns:
        The state of our refund; "not ours" for one that moved no money of ours; None when no payment has its intent.

    Raises:
        GatewayError: it was changed meanwhile, and the processor could not be asked again.
    """
    with till.reading() as session:
        known = _known(session, till.account, seen)
        payment_id = session.scalar(
            select(Payment.id).where(Payment.account == till.account, Payment.intent_id == seen.intent_id)
        )
    if known is not None:
        return apply_refund(till, known.id, (known.version, seen)).state
    if payment_id is None:
        return None
    if seen.status not in UNFAILED:
        run_unit(partial(_only_movements, till, seen))
        return NOT_OURS
    try:
        made = run_unit(partial(_enter, till, payment_id, seen))
    except IntegrityError as error:  # another trigger was faster by a moment
        raise Contended(seen.id) from error
    return None if made is None else apply_refund(till, made.id, (made.version, seen)).state


def _known(session: Scoped, account: str, seen: RefundSeen) -> Refund | None:
    """Our row: by the processor's id, or while that is not stored by the reference in its metadata."""
    ours = select(Refund).where(Refund.account == account)
    found = session.scalars(ours.where(Refund.refund_id == seen.id)).one_or_none()
    if found is not None:
        return found
    reference = seen.metadata.get("refund", "")
    waits = ours.where(Refund.reference == reference, Refund.refund_id.is_(None), Refund.state == "requested")
    return session.scalars(waits).one_or_none()


def _enter(till: Till, payment_id: int, seen: RefundSeen) -> Refund | None:
    """The row of a refund that nobody asked for here; None while its payment has not succeeded here yet."""
    at = till.now()
    with till.writing() as session:
        payment = take(session, payment_id)
        if payment is None or payment.state != "succeeded":
            return None
        now = standing_gone(session, payment)
        split = split_back(seen.amount_cents, now.covered, now.fee_cents, now.own_credit_cents)
        made = Refund(
            payment_id=payment.id,
            reference=_reference(session, seen),
            request_key=f"found:{seen.id}",
            account=till.account,
            way="processor",
            refund_id=seen.id,
            state="requested",
            total_cents=split.total_cents,
            amount_cents=split.amount_cents,
            fee_cents=split.fee_cents,
            credit_cents=split.credit_cents,
            unmatched_cents=split.rest_cents,
            reason=AT_PROCESSOR,
            requested_by="",
            failure_code=None,
            created_at=at,
            changed_at=at,
            first_sent_at=at,
            sent_at=at,
            checked_at=None,
            settled_at=None,
        )
        promise(session, made, split, now.owner, till.today(), at)
        _tell_staff(session, made, at)
        return made


def _tell_staff(session: Scoped, made: Refund, at: datetime) -> None:
    ref = f"{made.payment_id}:{made.reference}"
    open_task(session, "refund.found", ref, at, amount_cents=made.total_cents, unmatched_cents=made.unmatched_cents)
    record(session, SYSTEM, "refund.found", "payment", made.payment_id, at, refund=made.reference)


def _reference(session: Scoped, seen: RefundSeen) -> str:
    """The one we had given it before a backup was restored, unless another refund has it."""
    written = seen.metadata.get("refund", "")
    taken = session.scalar(select(Refund.id).where(Refund.reference == written))
    return written if written and taken is None else new_refund_reference()


def _only_movements(till: Till, seen: RefundSeen) -> None:
    """It failed before we ever heard of it: what it did to the balance went out and came in."""
    with till.writing() as session:
        post_movements(session, seen, till, till.now())
