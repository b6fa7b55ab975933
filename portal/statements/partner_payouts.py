"""Payouts of commission: proposed, approved by somebody else, sent to the bank, paid; and what comes back."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import exists, func, select, update

from portal.access.permissions import LOWEST_ROLE, Permission
from portal.agencies.found import ROLES
from portal.agencies.models import StaffMember
from portal.core.audit import Actor, record
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.events import publish_all
from portal.core.staff_tasks import open_task, settle_task
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.ledger.journal import post
from portal.ledger.partner_postings import commission_paid, commission_payout_returned
from portal.partners.models import SCHEDULES, Partner
from portal.reference.bank_days import is_bank_day
from portal.statements.events import PartnerPaid
from portal.statements.models import Commission, PartnerPayout, PayoutItem, PayoutRun
from portal.statements.payout_rules import check_payout_move, check_run_move, has_its_turn
from portal.statements.settings import settings_row

CHANGED = text("This payout has changed since you looked. Nothing was done. Please look at it again.")
NOBODY_ELSE_BUT = text("You have proposed it, so somebody else has to approve it.")
WAITING = "partner_payouts.proposed"
"""The task that a run of the schedule opens, until somebody approves or drops it."""
RETURNED = "partner_payout.returned"
"""The task of a payout that came back."""


def propose_on_schedule(session: Scoped, today: date, actor: Actor, at: datetime) -> PayoutRun | None:
    """On a bank day: propose payouts to the partners whose turn has come since; None if there is nothing to pay.

    Args:
        session: a write unit.
        today: the day at the agency.
    """
    if not is_bank_day(today):
        return None
    settings = settings_row(session)
    whose = [each for each in SCHEDULES if has_its_turn(each, settings.proposed_on, today)]
    settings.proposed_on = today
    run = _propose(session, whose, today, actor, at) if whose else None
    if run is not None:
        open_task(session, "partner_payouts.proposed", str(run.id), at, amount_cents=_total(session, run.id))
    return run


def propose_now(session: Scoped, today: date, actor: Actor, at: datetime) -> PayoutRun | None:
    """Propose payouts to every partner with something to be paid, whatever the schedule says."""
    settings_row(session)
    return _propose(session, SCHEDULES, today, actor, at)


def approve(session: Scoped, run_id: int, actor: Actor, at: datetime) -> None:
    """Say that a run may be paid: somebody else than who has proposed it, where there are two who may.

    Raises:
        NotFound: no such run.
        Conflict: this person has proposed it, or nothing is left in it.
        IllegalMove: it is not proposed any more.
    """
    find_run(session, run_id)
    run = _hold(session, run_id)
    if run.proposed_by == actor.name and approvers(session) > 1:
        raise Conflict(NOBODY_ELSE_BUT)
    total = _total(session, run.id)
    if not total:
        raise Conflict(text("Nothing is left in this run. Drop it."))
    _move_run(session, run, "approved", approved_by=actor.name, approved_at=at)
    record(session, actor, "partner_payouts.approved", "payout_run", run.id, at, amount_cents=total)
    settle_task(session, WAITING, str(run.id), "approved", at)


def leave_out(session: Scoped, payout_id: int, actor: Actor, at: datetime) -> None:
    """Take one partner out of a run that is only proposed; what it would get waits for a later run.

    Raises:
        NotFound: no such payout.
        IllegalMove, Conflict: its run is approved, or it has changed.
    """
    payout = find_payout(session, payout_id)
    run = _hold(session, payout.run_id)
    if run.state != "proposed":
        raise Conflict(CHANGED)
    _move_payouts(session, [payout], "left_out")
    amount = payout.amount_cents
    record(session, actor, "partner_payout.left_out", "partner_payout", payout.id, at, amount_cents=amount)


def drop(session: Scoped, run_id: int, actor: Actor, at: datetime) -> None:
    """Give a run up before it is paid; all in it waits for a later one.

    Raises:
        NotFound: no such run.
        IllegalMove: it is paid, or dropped already.
    """
    run = find_run(session, run_id)
    _move_run(session, run, "dropped", ended_at=at)
    _move_payouts(session, _proposed(session, run.id), "dropped")
    record(session, actor, "partner_payouts.dropped", "payout_run", run.id, at)
    settle_task(session, WAITING, str(run.id), "dropped", at)


def mark_paid(
    session: Scoped, run_id: int, paid_on: date, reference: str, today: date, actor: Actor, at: datetime
) -> None:
    """The bank has made a run's transfers: into the books, and each partner is told what they get and why.

    Args:
        paid_on: the day of the transfers.
        reference: what the bank calls them; may be empty.
        today: the day at the agency.

    Raises:
        NotFound: no such run.
        BadInput: a day before the run was approved, or one that has not come.
        IllegalMove: it is not approved.
    """
    run = find_run(session, run_id)
    check_run_move(run.state, "paid")
    if not run.run_on <= paid_on <= today:
        raise BadInput(text("The day lies between the day of the run and today."))
    _move_run(session, run, "paid", paid_on=paid_on, bank_reference=reference, ended_at=at)
    payouts = _proposed(session, run.id)
    _move_payouts(session, payouts, "paid")
    post(session, [commission_paid(str(payout.id), payout.amount_cents, paid_on) for payout in payouts], at)
    publish_all(session, [PartnerPaid(payout.id) for payout in payouts], at)
    total = sum(payout.amount_cents for payout in payouts)
    record(
        session,
        actor,
        "partner_payouts.paid",
        "payout_run",
        run.id,
        at,
        amount_cents=total,
        paid_on=paid_on.isoformat(),
        reference=reference,
    )


def mark_returned(
    session: Scoped, payout_id: int, returned_on: date, reason: str, today: date, actor: Actor, at: datetime
) -> None:
    """The partner's bank has sent a payout back: it is owed again, and staff are asked to find out why.

    Args:
        reason: what the bank says.
        today: the day at the agency.

    Raises:
        NotFound: no such payout.
        BadInput: a day before it was paid, or one that has not come.
        IllegalMove: it is not paid, or has come back already.
    """
    payout = find_payout(session, payout_id)
    check_payout_move(payout.state, "returned")
    run = session.scalars(select(PayoutRun).where(PayoutRun.id == payout.run_id)).one()
    assert run.paid_on is not None
    if not run.paid_on <= returned_on <= today:
        raise BadInput(text("The day lies between the day it was paid and today."))
    _move_payouts(session, [payout], "returned")
    payout.returned_on, payout.return_reason = returned_on, reason
    post(session, [commission_payout_returned(str(payout.id), payout.amount_cents, returned_on)], at)
    open_task(
        session,
        "partner_payout.returned",
        str(payout.id),
        at,
        partner=payout.paid_to,
        amount_cents=payout.amount_cents,
        why=reason,
    )
    amount = payout.amount_cents
    record(
        session, actor, "partner_payout.returned", "partner_payout", payout.id, at, amount_cents=amount, reason=reason
    )
    session.flush()


def find_run(session: Scoped, run_id: int) -> PayoutRun:
    """A run of this agency.

    Raises:
        NotFound: there is none.
    """
    run = session.scalars(select(PayoutRun).where(PayoutRun.id == run_id)).one_or_none()
    if run is None:
        raise NotFound
    return run


def find_payout(session: Scoped, payout_id: int) -> PartnerPayout:
    """A payout of this agency.

    Raises:
        NotFound: there is none.
    """
    payout = session.scalars(select(PartnerPayout).where(PartnerPayout.id == payout_id)).one_or_none()
    if payout is None:
        raise NotFound
    return payout


def approvers(session: Scoped) -> int:
    """How many of the staff may approve payouts."""
    roles = ROLES[ROLES.index(LOWEST_ROLE[Permission.MOVE_MONEY]) :]
    query = select(func.count(StaffMember.id)).where(StaffMember.is_active.is_(True), StaffMember.role.in_(roles))
    return session.scalar(query) or 0


def _propose(session: Scoped, whose: Collection[str], today: date, actor: Actor, at: datetime) -> PayoutRun | None:
    in_payout = exists().where(
        PayoutItem.agency_id == Commission.agency_id,
        PayoutItem.commission_id == Commission.id,
        PayoutItem.state == "live",
    )
    query = (
        select(Commission.id, Commission.partner_id, Commission.cents)
        .join(Partner, Partner.id == Commission.partner_id)
        .where(Partner.payout_schedule.in_(whose), Commission.payable_on <= today, Commission.cents != 0, ~in_payout)
        .order_by(Commission.partner_id, Commission.id)
    )
    payable: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for commission_id, partner_id, cents in session.execute(query):
        payable[partner_id].append((commission_id, cents))
    payable = {id_: rows for id_, rows in payable.items() if sum(cents for _, cents in rows) > 0}
    if not payable:
        return None
    names = dict(session.execute(select(Partner.id, Partner.name).where(Partner.id.in_(payable))).all())
    run = PayoutRun(state="proposed", run_on=today, proposed_by=actor.name, proposed_at=at)
    session.add(run)
    session.flush()
    payouts = {}
    for partner_id, rows in payable.items():
        earned = sum(cents for _, cents in rows if cents > 0)
        deducted = -sum(cents for _, cents in rows if cents < 0)
        payouts[partner_id] = PartnerPayout(
            run_id=run.id,
            partner_id=partner_id,
            paid_to=names[partner_id],
            state="proposed",
            earned_cents=earned,
            deducted_cents=deducted,
            amount_cents=earned - deducted,
        )
    session.add_all(payouts.values())
    session.flush()
    session.add_all(
        PayoutItem(payout_id=payouts[partner_id].id, commission_id=commission_id, state="live")
        for partner_id, rows in payable.items()
        for commission_id, _ in rows
    )
    total = sum(payout.amount_cents for payout in payouts.values())
    record(
        session,
        actor,
        "partner_payouts.proposed",
        "payout_run",
        run.id,
        at,
        partners=len(payouts),
        amount_cents=total,
    )
    session.flush()
    return run


def _proposed(session: Scoped, run_id: int) -> list[PartnerPayout]:
    query = select(PartnerPayout).where(PartnerPayout.run_id == run_id, PartnerPayout.state == "proposed")
    return list(session.scalars(query.order_by(PartnerPayout.id)))


def _total(session: Scoped, run_id: int) -> int:
    return sum(payout.amount_cents for payout in _proposed(session, run_id))


def _hold(session: Scoped, run_id: int) -> PayoutRun:
    query = select(PayoutRun).where(PayoutRun.id == run_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _move_run(session: Scoped, run: PayoutRun, new: str, **values: object) -> None:
    """By compare-and-set on its state.

    Raises:
        IllegalMove: the table does not hold it.
        Conflict: somebody else was faster.
    """
    check_run_move(run.state, new)
    moved = (
        update(PayoutRun)
        .where(PayoutRun.id == run.id, PayoutRun.state == run.state)
        .values(state=new, **values)
        .execution_options(synchronize_session=False)
    )
    if session.execute(moved).rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(CHANGED)
    session.refresh(run)


def _move_payouts(session: Scoped, payouts: list[PartnerPayout], new: str) -> None:
    """Move payouts by compare-and-set on their states; those that do not reach their partner let go of what they held.

    Raises:
        IllegalMove: the table does not hold it.
        Conflict: somebody else was faster.
    """
    for payout in payouts:
        check_payout_move(payout.state, new)
    ids = [payout.id for payout in payouts]
    moved = (
        update(PartnerPayout)
        .where(PartnerPayout.id.in_(ids), PartnerPayout.state.in_({payout.state for payout in payouts}))
        .values(state=new)
        .execution_options(synchronize_session=False)
    )
    if session.execute(moved).rowcount != len(ids):  # type: ignore[attr-defined]
        raise Conflict(CHANGED)
    if new != "paid":
        released = update(PayoutItem).where(PayoutItem.payout_id.in_(ids)).values(state="released")
        session.execute(released.execution_options(synchronize_session=False))
    for payout in payouts:
        session.refresh(payout)
