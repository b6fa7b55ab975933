"""An insured who keeps methods at a desk, and what is known of them here and at the processor."""

from contextlib import suppress
from itertools import count

from sqlalchemy import select

from portal.core.audit import Actor
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading_global
from portal.payments.gateway import GatewayError
from portal.payments.inbox import handle, sweep
from portal.payments.method_kinds import allowed_kinds
from portal.payments.methods.adding import NewMethod, add
from portal.payments.methods.models import MethodSetup, PaymentMethod, ProcessorCustomer
from portal.payments.methods.reconcile import due_setups, let_go, reconcile_setup
from portal.payments.methods.saved import DETACH, own_method, own_methods, remove
from portal.payments.models import GatewayEvent
from portal.payments.till import Till
from tests.factories.desk import Desk
from tests.sandbox.stripe.paying import send, token

ANA = "ana@bakery.example"
BOB = "bob@garage.example"
_keys = count(1)


def wanted(desk: Desk, card: str = "pm_card_visa", owner: str = ANA, request_key: str = "") -> NewMethod:
    """What somebody has typed into the processor's fields."""
    return NewMethod(
        request_key=request_key or f"page-{next(_keys)}",
        owner_email=owner,
        locale="en_US",
        confirmation_token=token(desk.processor, card),
        return_url="https://portal.example/payment-methods/added/{token}",
        kinds=allowed_kinds(True),
    )


def keep(desk: Desk, card: str = "pm_card_visa", owner: str = ANA) -> PaymentMethod:
    """A method that is kept at once, or waits for its deposits."""
    setup = add(desk.till, wanted(desk, card, owner))
    assert setup.payment_method_id, setup.state
    return method(desk, setup.payment_method_id)


def method(desk: Desk, method_id: int) -> PaymentMethod:
    with desk.till.reading() as session:
        return session.scalars(select(PaymentMethod).where(PaymentMethod.id == method_id)).one()


def setup(desk: Desk, setup_id: int) -> MethodSetup:
    with desk.till.reading() as session:
        return session.scalars(select(MethodSetup).where(MethodSetup.id == setup_id)).one()


def shown(desk: Desk, owner: str = ANA) -> list[tuple[str, str, bool]]:
    """What stands on the owner's page: last four, state, whether it is the default."""
    with desk.till.reading() as session:
        return [(row.last4, row.state, row.is_default) for row in own_methods(session, desk.till.account, owner)]


def remove_as(desk: Desk, method_id: int, owner: str = ANA) -> None:
    with desk.till.writing() as session:
        remove(session, own_method(session, owner, method_id), Actor("insured", owner), desk.clock())


def news(desk: Desk) -> list[str]:
    """Which mails were put on their way, oldest first."""
    with desk.till.reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.method_news").order_by(OutboxRow.id))
        return [str(row.payload["news"]) for row in rows]


def at_processor(desk: Desk, owner: str = ANA) -> list[str]:
    """The last four of what the processor keeps for somebody."""
    with desk.till.reading() as session:
        customers = session.scalars(
            select(ProcessorCustomer.customer_id).where(
                ProcessorCustomer.owner_email == owner, ProcessorCustomer.account == desk.till.account
            )
        ).all()
    kept = [
        item.to_dict()
        for customer in customers
        if customer
        for item in desk.processor.v1.payment_methods.list({"customer": customer}).data
    ]
    return sorted(item[item["type"]]["last4"] for item in kept)


def decide(desk: Desk, waiting: MethodSetup, outcome: str) -> None:
    """Press a button of the bank's page."""
    assert waiting.intent_id
    secret = desk.till.gateway.retrieve_setup(waiting.intent_id).client_secret
    send(f"{desk.sandbox.url}/challenge/{waiting.intent_id}", {"client_secret": secret, "outcome": outcome})


def work_outbox(desk: Desk, till: Till | None = None) -> None:
    """What the job does with removed methods; what cannot be done now stays."""
    at = till or desk.till
    with desk.till.reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == DETACH, OutboxRow.done_at.is_(None))).all()
    for row in rows:
        with suppress(GatewayError):
            let_go(at, row.payload["method_id"], row.payload["setup_id"])
            with desk.till.writing() as session:
                session.get_one(OutboxRow, row.id).done_at = desk.clock()


def settle(desk: Desk, *, with_events: bool) -> None:
    """Time passes: events arrive, or do not; the reconciler looks, the outbox is worked."""
    if with_events:
        sweep(desk.till)
        for kind, object_id in _events(desk):
            handle(desk.till, kind, object_id)
    desk.clock.pass_(minutes=31)
    with desk.till.reading() as session:
        waiting = due_setups(session, desk.till.account, desk.clock())
    for setup_id in waiting:
        reconcile_setup(desk.till, setup_id)
    work_outbox(desk)


def _events(desk: Desk) -> list[tuple[str, str]]:
    with reading_global(desk.till.engine) as session:
        rows = session.execute(
            select(GatewayEvent.kind, GatewayEvent.object_id).where(GatewayEvent.account == desk.till.account)
        )
        wanted_kinds = ("setup_intent.", "payment_method.")
        return [row for row in rows if row.kind.startswith(wanted_kinds)]
