"""News of partners' money."""

from dataclasses import dataclass

from portal.core.events import Event


@dataclass(frozen=True, slots=True)
class PartnerPaid(Event):
    """A partner's commission is on its way to their bank."""

    payout_id: int
