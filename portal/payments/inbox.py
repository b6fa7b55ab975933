"""The inbox of processor events: stored at once, worked later, each a mere trigger for `apply`."""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError

from portal.agencies.models import ProcessorAccount
from portal.core.db import run_unit
from portal.core.tenancy import writing_global
from portal.payments.apply import apply
from portal.payments.gateway import EventSeen, Refused
from portal.payments.methods.applying import apply_setup
from portal.payments.methods.models import MethodSetup
from portal.payments.methods.reconcile import refresh_method
from portal.payments.models import GatewayEvent, Payment
from portal.payments.money_back.disputes import apply_dispute
from portal.payments.money_back.found_refund import take_in_refund
from portal.payments.processor_payouts import take_payout
from portal.payments.till import Till

SWEEP_OVERLAP = timedelta(hours=2)
METHOD_CHANGED = frozenset(
    {"payment_method.automatically_updated", "payment_method.detached", "payment_method.updated"}
)
REFUND_NEWS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
BANK_ASKS = "payment_intent.requires_action"
"""Left to the page that takes the payer to their bank, as it knows already: worked late, it would find a refusal that
this page is about to show. Should the page be gone, the reconciler finds the payment."""
DECLINED = "payment_intent.payment_failed"
ON_SCREEN = timedelta(minutes=1)
"""So long the decline of a payment just submitted is left to the process that submitted it: it shows the payer why, and
no mail has to. Should that process be gone, the reconciler finds the payment."""


class UnknownIntent(LookupError):
    """An event about an intent of ours that no payment has: kept and tried again, shown to staff after a day."""


def store(engine: Engine, account: str, event: EventSeen, at: datetime) -> bool:
    """Keep an event in a unit of its own; False when it is known.

    Args:
        account: whose event it is.
    """

    def unit() -> bool:
        with writing_global(engine) as session:
            query = select(GatewayEvent.id).where(GatewayEvent.account == account, GatewayEvent.event_id == event.id)
            if session.scalar(query) is not None:
                return False
            session.add(
                GatewayEvent(
                    account=account,
                    event_id=event.id,
                    kind=event.kind,
                    object_id=event.object_id,
                    received_at=at,
                    lease_until=at,
                    handled_at=None,
                    outcome=None,
                )
            )
            return True

    try:
        return run_unit(unit)
    except IntegrityError:  # the same event arrived twice at the same moment
        return False


def handle(till: Till, kind: str, object_id: str) -> str:
    """Work one event and say what came of it, in a word or two.

    Raises:
        UnknownIntent: no payment has this intent, although it is ours and may have charged.
        GatewayError: the processor could not be asked; try again.
    """
    if kind.startswith("setup_intent."):
        return _setup(till, object_id)
    if kind in METHOD_CHANGED:
        refresh_method(till, object_id)
        return "read again"
    if kind.startswith("payout."):
        return take_payout(till, object_id)
    if kind in REFUND_NEWS:
        return _refund(till, object_id)
    if kind.startswith("charge.dispute."):
        return _dispute(till, object_id)
    if not kind.startswith("payment_intent.") or kind == "payment_intent.created":
        return "ignored"
    with till.reading() as session:
        query = select(Payment).where(Payment.account == till.account, Payment.intent_id == object_id)
        payment = session.scalars(query).one_or_none()
    if payment is None:
        return _unknown(till, object_id)
    is_just_submitted = payment.state == "submitted" and till.now() - payment.changed_at < ON_SCREEN
    if kind == BANK_ASKS or (kind == DECLINED and is_just_submitted):
        return "on the payer's screen"
    return apply(till, payment.id).state


def _setup(till: Till, intent_id: str) -> str:
    """A setup intent is known as soon as it may keep something; one that is not known moves nothing."""
    with till.reading() as session:
        query = select(MethodSetup.id).where(MethodSetup.account == till.account, MethodSetup.intent_id == intent_id)
        setup_id = session.scalar(query)
    return "not ours" if setup_id is None else apply_setup(till, setup_id).state


def _refund(till: Till, refund_id: str) -> str:
    seen = till.gateway.retrieve_refund(refund_id)
    if not seen.intent_id:
        return "not ours"
    return take_in_refund(till, seen) or _unknown(till, seen.intent_id)


def _dispute(till: Till, dispute_id: str) -> str:
    seen = till.gateway.retrieve_dispute(dispute_id)
    if not seen.intent_id:
        return "not ours"
    return apply_dispute(till, dispute_id) or _unknown(till, seen.intent_id)


def _unknown(till: Till, intent_id: str) -> str:
    """What an intent without a payment is: somebody else's on the same account, or one of ours that was given up."""
    try:
        intent = till.gateway.retrieve(intent_id)
    except Refused as error:
        raise UnknownIntent(intent_id) from error
    if intent.metadata.get("agency_id") != str(till.agency_id) or "payment_id" not in intent.metadata:
        return "not ours"
    if intent.status == "canceled":
        return "given up"
    raise UnknownIntent(intent_id)


def sweep(till: Till) -> int:
    """Read the processor's log since the last sweep, with an overlap, and keep what webhooks did not bring.

    Returns:
        How many events were new.
    """
    at = till.now()
    with till.reading() as session:
        swept_at = session.scalars(select(ProcessorAccount.events_swept_at)).one()
    since = (swept_at or at - timedelta(days=1)) - SWEEP_OVERLAP
    events = list(till.gateway.events_since(since))
    new = sum(store(till.engine, till.account, event, at) for event in events)
    run_unit(partial(_swept, till, at))
    return new


def _swept(till: Till, at: datetime) -> None:
    with till.writing() as session:
        session.execute(update(ProcessorAccount).values(events_swept_at=at))
