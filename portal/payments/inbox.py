"""The inbox of processor events: stored at once, worked later, each a mere trigger for `apply`."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.agencies.models import ProcessorAccount
from portal.core.tenancy import Unscoped, writing_global
from portal.payments.apply import apply
from portal.payments.gateway import EventSeen
from portal.payments.models import GatewayEvent, Payment
from portal.payments.till import Till

SWEEP_OVERLAP = timedelta(hours=2)


class UnknownIntent(LookupError):
    """An event about an intent that no payment has yet: kept and tried again."""


def store(session: Unscoped, account: str, event: EventSeen, at: datetime) -> bool:
    """Keep an event; False when it is known.

    Args:
        session: a global write unit.
        account: whose event it is.
    """
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
    session.flush()
    return True


def handle(till: Till, kind: str, object_id: str) -> str:
    """Work one event and say what came of it, in a word or two.

    Raises:
        UnknownIntent: no payment has this intent.
        GatewayError: the processor could not be asked; try again.
    """
    if not kind.startswith("payment_intent.") or kind == "payment_intent.created":
        return "ignored"
    with till.reading() as session:
        query = select(Payment.id).where(Payment.account == till.account, Payment.intent_id == object_id)
        payment_id = session.scalar(query)
    if payment_id is None:
        raise UnknownIntent(object_id)
    return apply(till, payment_id).state


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
    new = sum(_store_once(till, event, at) for event in events)
    with till.writing() as session:
        session.execute(update(ProcessorAccount).values(events_swept_at=at))
    return new


def _store_once(till: Till, event: EventSeen, at: datetime) -> bool:
    try:
        with writing_global(till.engine) as session:
            return store(session, till.account, event, at)
    except IntegrityError:
        return False
