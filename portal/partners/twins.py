"""When something about a partner changes, see whether it is now the same as another."""

from datetime import datetime

from portal.core.outbox import enqueue
from portal.core.tenancy import Scoped

LOOK_FOR_TWINS = "partner.twins"


def look_for_twins(session: Scoped, partner_id: int, at: datetime) -> None:
    """Have the worker compare a partner with the others, a moment after this unit.

    Args:
        session: the write unit that adds or changes the partner, or one of its users.
    """
    enqueue(session, LOOK_FOR_TWINS, f"{partner_id}:{at.timestamp():.6f}", {"partner_id": partner_id}, at)
