"""A mail that its recipient's server refuses for good: if it is a customer's, the address is dead from then on."""

from datetime import datetime

from portal.access.visible import sight_of
from portal.core.audit import SYSTEM
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.insureds.dead_addresses import mark_dead


def keep_refusal(session: Scoped, email: str, mail: str, answer: str, at: datetime) -> None:
    """Ask staff to look; send a customer no more reminders to this address.

    Args:
        session: a write unit.
        mail: the kind of mail that was refused.
        answer: what the server said.
    """
    open_task(session, "mail.refused", email, at, mail=mail, answer=answer)
    if sight_of(session, email):
        mark_dead(session, email, "refused", answer, SYSTEM, at)
