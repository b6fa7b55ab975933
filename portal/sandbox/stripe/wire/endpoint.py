"""One endpoint of the API, and one call of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from portal.sandbox.stripe.state.objects import AccountObjects, Json
from portal.sandbox.stripe.wire.refusals import Answer


@dataclass
class Call:
    """One request that passed keys and parameters, inside one transaction.

    `origin` is this server's own address as the caller used it, `now` the stand-in's time in seconds; `queued` says
    that there is a webhook to deliver.
    """

    account: str
    secret: bool
    objects: AccountObjects
    now: int
    origin: str
    request_id: str
    params: Json = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    idempotency_key: str | None = None
    queued: bool = False


Handler = Callable[[Call], Json | Answer]


@dataclass(frozen=True)
class Endpoint:
    """Where a handler answers.

    Args:
        name: as the SDK names it, `payment_intents.confirm`; faults are switched by this name.
        method, rule: HTTP method and path in Werkzeug's notation.
        params: the SDK's TypedDict of what may be sent.
        handler: does the work; what it returns is committed, also a declined card's 402.
        publishable: the publishable key may call it too.
    """

    name: str
    method: str
    rule: str
    params: type
    handler: Handler
    publishable: bool = False
