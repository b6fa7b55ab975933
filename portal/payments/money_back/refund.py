"""Refund a payment: T requested → T sent → S create → T apply. T is a transaction, S a call to the processor.

What is promised back is in the books before the processor hears of it. An outcome that is not known is never tried
again blindly: first the intent's refunds are listed, and matched by the reference in their metadata; only one that is
not among them, more than ten minutes after it was sent, is sent once more.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.core.audit import Actor, record
from portal.core.db import run_unit
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.events import publish
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.reversals import after_reversal
from portal.ledger.journal import post
from portal.ledger.money_back_postings import TakenBack, refund_paid_by_hand, refund_requested
from portal.payments.claims import ALPHABET
from portal.payments.events import RefundSent
from portal.payments.gateway import GatewayError, KeysRefused, OutcomeUnknown, Refused
from portal.payments.models import Payment
from portal.payments.money_back.apply_refund import apply_refund, find_refund, give_refund_up, load_refund
from portal.payments.money_back.credit import CreditOwner, enter_credit, hold_credit
from portal.payments.money_back.gateway import NewRefund
from portal.payments.money_back.landing import take_from_invoices
from portal.payments.money_back.models import Refund, RefundPart
from portal.payments.money_back.rules import REASONS, Split
from portal.payments.money_back.standing import standing, take
from portal.payments.offline import checks_in_clearing
from portal.payments.submit import pause
from portal.payments.till import Till

SENT_AGAIN_AFTER = timedelta(minutes=10)
TOO_MUCH = text("That is more than can be refunded of this payment now. Nothing was refunded. Look again.")
DISPUTED = text("The payer's bank disputes this payment: nothing can be refunded meanwhile.")
IN_CLEARING = text("The bank has not said yet whether it pays this check. Say so first; then it can be refunded.")


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What a person decided to give back.

    Args:
        request_key: one per rendered form; a repeat returns the refund that exists.
        parts: invoice id -> cents; the invoice is open again by so much.
        reason: a key of `REASONS`.
        hand_reference: of the check or transfer by which the agency pays itself: for payments that came offline.
    """

    request_key: str
    payment_id: int
    reason: str
    parts: Mapping[int, int] = field(default_factory=dict)
    fee_cents: int = 0
    credit_cents: int = 0
    note: str = ""
    hand_reference: str = ""

    @property
    def split(self) -> Split:
        """Who gives what."""
        return Split(dict(self.parts), self.fee_cents, self.credit_cents)


def refund(till: Till, order: RefundOrder, actor: Actor) -> Refund:
    """Give money back to the card or account that paid, once, whatever happens on the way.

    Args:
        till: the agency's till; no unit may be open.
        order: what was decided. A repeated request key returns the refund that exists.

    Returns:
        The refund as stored at the end: pending or succeeded; requested when the processor's answer is not known yet,
        which the reconciler will find out; canceled when it refuses.

    Raises:
        BadInput, Conflict, NotFound: nothing was refunded.
    """

    def unit() -> tuple[Refund, bool]:
        with till.writing() as session:
            return request_refund(session, order, till.today(), actor, till.now())

    try:
        made, is_new = run_unit(unit)
    except IntegrityError:  # the other press of a double click was faster by a moment
        made, is_new = run_unit(unit)
    return send(till, made.id) if is_new and made.way == "processor" else made


def request_refund(
    session: Scoped, order: RefundOrder, booked_on: date, actor: Actor, at: datetime
) -> tuple[Refund, bool]:
    """T requested: the refund of this request key, and whether it is new. One by hand is at its end at once.

    Raises:
        BadInput: nothing to refund, or no reason.
        Conflict: disputed, in clearing, or more than the payment still covers.
        NotFound: no such payment.
    """
    payment = take(session, order.payment_id)
    if payment is None or payment.state != "succeeded":
        raise NotFound
    known = session.scalars(select(Refund).where(Refund.request_key == order.request_key)).one_or_none()
    if known is not None:
        return known, False
    split = order.split
    owner = _check(session, payment, order)
    is_by_hand = payment.kind == "offline"
    made = Refund(
        payment_id=payment.id,
        reference=new_refund_reference(),
        request_key=order.request_key,
        account=payment.account,
        way="by_hand" if is_by_hand else "processor",
        refund_id=None,
        hand_reference=order.hand_reference,
        state="succeeded" if is_by_hand else "requested",
        total_cents=split.total_cents,
        amount_cents=split.amount_cents,
        fee_cents=split.fee_cents,
        credit_cents=split.credit_cents,
        reason=order.reason,
        note=order.note,
        requested_by=actor.name,
        failure_code=None,
        created_at=at,
        changed_at=at,
        first_sent_at=None,
        sent_at=None,
        checked_at=None,
        settled_at=at if is_by_hand else None,
    )
    promise(session, made, split, owner, booked_on, at)
    if is_by_hand:
        post(session, [refund_paid_by_hand(str(made.id), made.total_cents, booked_on)], at)
        publish(session, RefundSent(made.id, made.payment_id), at)
    record(
        session,
        actor,
        "refund.requested",
        "payment",
        payment.id,
        at,
        refund=made.reference,
        total_cents=made.total_cents,
        reason=made.reason,
    )
    return made, True


def new_refund_reference() -> str:
    """What people quote of a refund, and its credit note's number: random, as a payment's is."""
    return "R-" + "".join(secrets.choice(ALPHABET) for _ in range(9))


def promise(
    session: Scoped, made: Refund, split: Split, owner: CreditOwner | None, booked_on: date, at: datetime
) -> None:
    """Enter a refund: its invoices are open again, its money is owed to the payer."""
    session.add(made)
    session.flush()
    for invoice_id, cents in sorted(split.parts.items()):
        session.add(RefundPart(refund_id=made.id, invoice_id=invoice_id, amount_cents=cents))
    parts = take_from_invoices(session, made.payment_id, split.parts, at)
    taken = TakenBack(parts, split.fee_cents, split.credit_cents, split.rest_cents)
    post(session, [refund_requested(str(made.id), taken, booked_on)], at)
    after_reversal(session, made.payment_id, [part.invoice.invoice_id for part in parts], booked_on, at)
    enter_credit(
        session,
        "refund",
        str(made.id),
        -split.credit_cents,
        booked_on,
        at,
        owner=owner,
        payment_id=made.payment_id,
        refund_id=made.id,
        by=made.requested_by,
    )


def send(till: Till, refund_id: int) -> Refund:
    """T sent, S and T apply of a refund that is requested.

    The key may be forgotten after a day, and answers the same again before that: it is a courtesy. Safety rests on
    the look-up before anything is sent a second time.
    """
    ready = run_unit(partial(_sent, till, refund_id))
    if ready is None:
        return _stored(till, refund_id)
    made, payment = ready
    assert payment.intent_id is not None
    try:
        seen = till.gateway.create_refund(_new_refund(till, made, payment))
    except OutcomeUnknown:
        return made
    except KeysRefused as error:
        pause(till, error)
        return made
    except Refused as error:
        return _refused(till, made, payment.intent_id, error)
    try:
        return apply_refund(till, made.id, (made.version, seen))
    except GatewayError:
        return _stored(till, refund_id)


def resume(till: Till, refund_id: int) -> Refund:
    """Bring a refund on whose outcome is not known: look it up; send it again only when it is not there and late.

    Raises:
        GatewayError: the processor could not be asked; nothing changed.
    """
    with till.reading() as session:
        made = load_refund(session, refund_id)
        payment = session.get_one(Payment, made.payment_id)
    if made.refund_id is not None or made.state != "requested":
        return apply_refund(till, refund_id)
    if made.sent_at is None or payment.intent_id is None:
        return send(till, refund_id)
    seen = find_refund(till, payment.intent_id, made.reference)
    if seen is not None:
        return apply_refund(till, refund_id, (made.version, seen))
    if till.now() - made.sent_at < SENT_AGAIN_AFTER:
        return made
    return send(till, refund_id)


def _check(session: Scoped, payment: Payment, order: RefundOrder) -> CreditOwner | None:
    """Let pass what can go back; the owner of the credit, whose row is held if it gives."""
    split = order.split
    if split.total_cents <= 0 or min((*split.parts.values(), split.fee_cents, split.credit_cents)) < 0:
        raise BadInput(text("Enter an amount of more than nothing."))
    if order.reason not in REASONS:
        raise BadInput(text("Choose a reason."))
    if payment.method_kind == "check" and checks_in_clearing(session, [payment.id]):
        raise Conflict(IN_CLEARING)
    if payment.kind == "offline" and not order.hand_reference:
        raise BadInput(text("Enter the number of the check, or the reference of the transfer."))
    if split.credit_cents:
        hold_credit(session, standing(session, payment).owner)
    now = standing(session, payment)
    if now.is_blocked:
        raise Conflict(DISPUTED)
    fits = (
        split.total_cents <= now.left_cents
        and split.fee_cents <= now.fee_cents
        and split.credit_cents <= now.credit_cents
        and all(cents <= now.covered.get(invoice_id, 0) for invoice_id, cents in split.parts.items())
    )
    if not fits:
        raise Conflict(TOO_MUCH)
    return now.owner


def _sent(till: Till, refund_id: int) -> tuple[Refund, Payment] | None:
    """T sent: note that the processor is about to hear of it. None when somebody else has brought it on."""
    at = till.now()
    with till.writing() as session:
        made = load_refund(session, refund_id)
        payment = session.get_one(Payment, made.payment_id)
        if made.state != "requested" or made.account != till.account:
            return None
        sending = (
            update(Refund)
            .where(Refund.id == made.id, Refund.version == made.version)
            .values(
                first_sent_at=made.first_sent_at or at,
                sent_at=at,
                attempt=made.attempt + 1,
                version=made.version + 1,
                changed_at=at,
            )
            .execution_options(synchronize_session=False)
        )
        if session.execute(sending).rowcount != 1:  # type: ignore[attr-defined]
            return None
        session.refresh(made)
        return made, payment


def _new_refund(till: Till, made: Refund, payment: Payment) -> NewRefund:
    assert payment.intent_id is not None
    return NewRefund(
        intent_id=payment.intent_id,
        amount_cents=made.total_cents,
        key=f"rf:{made.reference}:{made.attempt}",
        metadata={"agency_id": str(till.agency_id), "payment": payment.reference, "refund": made.reference},
    )


def _refused(till: Till, made: Refund, intent_id: str, error: Refused) -> Refund:
    """The processor says no. An earlier sending may have come through all the same: look before giving it up."""
    try:
        seen = find_refund(till, intent_id, made.reference)
        if seen is not None:
            return apply_refund(till, made.id, (made.version, seen))
    except GatewayError:
        return _stored(till, made.id)
    return run_unit(partial(give_refund_up, till, made.id, made.version, error))


def _stored(till: Till, refund_id: int) -> Refund:
    with till.reading() as session:
        return load_refund(session, refund_id)
