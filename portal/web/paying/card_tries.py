"""Whoever tries one stolen card after the other stops here: so many refused cards from a network, and no more."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from flask import request

from portal.access.limits import CARD_NETWORK, counted, missed_nothing, network_of, start_tries
from portal.core.secrets import derive_key
from portal.web.services import services
from portal.web.units import write_unit

REFUSED = frozenset({"declined", "failed"})


class Tried(Protocol):
    """A payment, or an attempt to save a method."""

    state: str


Attempt = TypeVar("Attempt", bound=Tried)


def limited(charge: Callable[[], Attempt]) -> Attempt:
    """Charge, if not too many cards were refused from this network lately. Only refused ones count.

    Args:
        charge: makes the payment, or saves a method; no unit may be open.

    Raises:
        TooMany: too many were refused; nothing is charged.
    """
    network = network_of(request.remote_addr or "")
    tries = start_tries(
        write_unit, [counted(derive_key(services().secret, "limits"), CARD_NETWORK, network)], services().now()
    )
    is_refused = False
    try:
        attempt = charge()
        is_refused = attempt.state in REFUSED
        return attempt
    finally:
        if not is_refused:
            with write_unit() as unit:
                missed_nothing(unit, tries)
