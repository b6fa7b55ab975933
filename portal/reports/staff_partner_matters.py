"""What of partners waits for staff, for their start page."""

from dataclasses import dataclass

from sqlalchemy import func, select

from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import Scoped
from portal.partners.waiting import WAITING
from portal.reports.staff_partner_payouts import COUNTED
from portal.statements.models import PartnerPayout, PayoutRun
from portal.statements.partner_payouts import RETURNED


@dataclass(frozen=True, slots=True)
class WaitingRuns:
    """Runs of payouts that wait for the same: how many, how much, and which one where it is only one."""

    count: int
    cents: int
    only_id: int | None


@dataclass(frozen=True, slots=True)
class PartnerMatters:
    """What waits.

    Args:
        proposed: runs to be approved; approved: runs that the bank has to pay, or that nobody has marked as paid.
        returned: payouts that came back and nobody has dealt with.
        users: whom an import has brought, and nobody has let in yet.
    """

    proposed: WaitingRuns
    approved: WaitingRuns
    returned: int
    users: int

    @property
    def is_any(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.proposed.count or self.approved.count or self.returned or self.users)


def partner_matters(session: Scoped) -> PartnerMatters:
    """What waits now."""
    runs = (
        select(PayoutRun.state, PayoutRun.id, func.coalesce(func.sum(PartnerPayout.amount_cents), 0))
        .outerjoin(PartnerPayout, (PartnerPayout.run_id == PayoutRun.id) & PartnerPayout.state.in_(COUNTED))
        .where(PayoutRun.state.in_(("proposed", "approved")))
        .group_by(PayoutRun.state, PayoutRun.id)
    )
    of: dict[str, list[tuple[int, int]]] = {"proposed": [], "approved": []}
    for state, run_id, cents in session.execute(runs):
        of[state].append((run_id, int(cents)))
    tasks = (
        select(StaffTask.kind, func.count(StaffTask.id))
        .where(StaffTask.closed_at.is_(None), StaffTask.kind.in_((WAITING, RETURNED)))
        .group_by(StaffTask.kind)
    )
    open_tasks = dict(session.execute(tasks).all())
    return PartnerMatters(
        proposed=_together(of["proposed"]),
        approved=_together(of["approved"]),
        returned=open_tasks.get(RETURNED, 0),
        users=open_tasks.get(WAITING, 0),
    )


def _together(runs: list[tuple[int, int]]) -> WaitingRuns:
    return WaitingRuns(len(runs), sum(cents for _, cents in runs), runs[0][0] if len(runs) == 1 else None)
