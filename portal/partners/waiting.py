"""Who was brought by an import and waits until staff of the agency let them in: a task, as long as they wait."""

from datetime import datetime

from portal.core.staff_tasks import open_task, settle_task
from portal.core.tenancy import Scoped
from portal.partners.models import Partner, PartnerUser

WAITING = "partner_user.held"


def tell_staff(session: Scoped, user: PartnerUser, at: datetime) -> None:
    """Ask staff to decide about a user, or stop asking: to be called whenever their state has changed.

    Others who wait are their partner's own business.

    Args:
        session: the write unit that has changed it.
    """
    if user.state == "held" and user.origin == "imported":
        open_task(
            session, "partner_user.held", str(user.id), at, partner=session.get_one(Partner, user.partner_id).name
        )
    else:
        settle_task(session, WAITING, str(user.id), user.state, at)
