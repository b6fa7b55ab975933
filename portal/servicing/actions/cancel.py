"""Cancel at the insured's wish, the whole program or single policies: unearned premium comes back, the loan first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from portal.core.audit import Actor, record
from portal.core.errors import BadInput
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.late.landed import close_notice
from portal.financing.late.models import CancelNotice
from portal.ledger.return_postings import Returned
from portal.payments.autopay.ending import end_enrollment
from portal.payments.autopay.enrolled import live_enrollment
from portal.programs.changes import PremiumReturn
from portal.programs.models import Program
from portal.programs.returns import Method, PolicyBilled, canceled
from portal.servicing.actions.returning import Plan, billed_policies, give_back, plan_return
from portal.servicing.actions.telling import tell


@dataclass(frozen=True, slots=True)
class Cancelation:
    """What staff enter.

    Args:
        policy_ids: those that are canceled.
        on: the first day without coverage; flat counts from each policy's first day.
        given_cents: policy -> premium that the carrier gives back, where it says so itself.
        note: for colleagues.
    """

    policy_ids: Sequence[int]
    on: date
    method: Method
    given_cents: Mapping[int, int] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """What a cancelation brings: of each policy, where it goes, and whether the whole program ends by it."""

    policies: Sequence[tuple[PolicyBilled, date, Returned]]
    plan: Plan
    is_whole: bool

    @property
    def returned_cents(self) -> int:
        """All that comes back."""
        return sum(back.total_cents for _, _, back in self.policies)


def work_out(session: Scoped, program: Program, wish: Cancelation, today: date) -> Ending:
    """What follows from a cancelation; nothing is changed.

    Raises:
        BadInput: no policy, a day in the future or outside a policy's term, flat too late, or too much.
    """
    billed = billed_policies(session, program.id)
    chosen = [billed[id_] for id_ in wish.policy_ids if id_ in billed]
    if not chosen or len(chosen) != len(wish.policy_ids):
        raise BadInput(text("Choose what is canceled."))
    if wish.on > today:
        raise BadInput(text("Cancel on the day itself, or afterwards: choose today or a day before."))
    ending = []
    for policy in chosen:
        on = policy.effective_date if wish.method == "flat" else wish.on
        back = canceled(policy, on, wish.method, today, wish.given_cents.get(policy.policy_id))
        ending.append((policy, on, back))
    is_whole = len(chosen) == len(billed)
    total = sum(back.total_cents for _, _, back in ending)
    return Ending(ending, plan_return(session, program.id, total, today, ends_loan=is_whole), is_whole)


def cancel(
    session: Scoped, program: Program, wish: Cancelation, actor: Actor, today: date, at: datetime
) -> PremiumReturn:
    """Cancel: premium comes back, the loan of a whole program ends, autopay too, and the insured is told.

    Args:
        session: a unit that holds the program (`facts.require`).

    Raises:
        BadInput: it cannot be done so; see `work_out`.
        Conflict: a payment is under way, or the partner would have to get the rest.
    """
    ending = work_out(session, program, wish, today)
    first = min(on for _, on, _ in ending.policies)
    row = PremiumReturn(program_id=program.id, reason=wish.method, effective_on=first, booked_on=today, note=wish.note)
    if ending.is_whole:
        _close_notices(session, program.id, actor, at)
    returned = [back for _, _, back in ending.policies]
    days = {policy.policy_id: on for policy, on, _ in ending.policies}
    give_back(session, program, returned, row, days, actor, at, ends_loan=ending.is_whole)
    if ending.is_whole:
        program.canceled_on = max(days.values())
        enrollment = live_enrollment(session, program.id)
        if enrollment is not None:
            end_enrollment(session, enrollment, "program", actor, at)
    record(
        session,
        actor,
        "program.canceled_on_wish" if ending.is_whole else "policy.canceled",
        "program",
        program.id,
        at,
        policies=", ".join(policy.number for policy, _, _ in ending.policies),
        canceled_on=first.isoformat(),
        method=wish.method,
        returned_cents=row.returned_cents,
        loan_cents=row.loan_cents,
        credit_cents=row.credit_cents,
        balance_cents=row.balance_cents,
    )
    tell(session, "canceled", program, str(row.id), at)
    session.flush()
    return row


def _close_notices(session: Scoped, program_id: int, actor: Actor, at: datetime) -> None:
    """A notice of cancelation for non-payment has nothing left to warn of."""
    live = select(CancelNotice).where(CancelNotice.program_id == program_id, CancelNotice.closed_at.is_(None))
    for notice in session.scalars(live).all():
        close_notice(session, notice, "withdrawn", actor.name, at)
