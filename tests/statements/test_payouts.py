"""Payouts of commission: proposed on each partner's day, approved by another, paid once, and what comes back."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text, update

from portal.agencies.models import StaffMember
from portal.core.audit import SYSTEM, Actor
from portal.core.db import make_engine
from portal.core.errors import BadInput, Conflict, IllegalMove
from portal.core.outbox import OutboxRow
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import Scoped, writing
from portal.statements.invariants import INVARIANTS
from portal.statements.models import PartnerPayout, PayoutItem, PayoutRun
from portal.statements.partner_payouts import (
    approve,
    drop,
    leave_out,
    mark_paid,
    mark_returned,
    propose_now,
    propose_on_schedule,
)
from portal.statements.payout_rules import PAYOUT_MOVES, RUN_MOVES, has_its_turn, turn
from tests.payments.test_invariants import GUARDS
from tests.statements.shop import BEA, Shop, found

CAL = Actor("staff", "cal@harbor.example")
TUESDAY = date(2026, 11, 17)


@pytest.mark.parametrize(
    ("schedule", "proposed_on", "today", "expected"),
    [
        ("daily", TUESDAY - timedelta(days=1), TUESDAY, True),
        ("daily", TUESDAY, TUESDAY, False),
        ("weekly", date(2026, 11, 13), TUESDAY, True),
        ("weekly", date(2026, 11, 16), TUESDAY, False),
        ("biweekly", date(2026, 11, 13), TUESDAY, False),
        ("biweekly", date(2026, 11, 6), TUESDAY, True),
        ("monthly", date(2026, 10, 30), date(2026, 11, 2), True),
        ("monthly", date(2026, 11, 2), TUESDAY, False),
        ("monthly", None, TUESDAY, True),
    ],
)
def test_whose_turn_it_is(schedule: str, proposed_on: date | None, today: date, expected: bool) -> None:
    assert has_its_turn(schedule, proposed_on, today) is expected


def test_turns_come_as_often_as_they_are_called() -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    turns = {each: {turn(each, day) for day in days} for each in ("daily", "weekly", "biweekly", "monthly")}
    assert [len(found) for found in turns.values()] == [365, 53, 27, 12]


def test_every_state_is_in_the_tables() -> None:
    for moves in RUN_MOVES, PAYOUT_MOVES:
        assert {new for row in moves.values() for new in row} <= set(moves)


def earn(shop: Shop, cents: int = 100_00, **partner: object) -> int:
    """A partner with so much commission; its id."""
    partner_id = shop.partner(**partner)
    shop.pay(shop.program(partner_id, premium_cents=cents * 10))
    shop.accrue()
    return partner_id


def do(shop: Shop, action: Callable[..., object], *given: object, by: Actor = CAL) -> None:
    with shop.writing() as session:
        action(session, *given, by, shop.now)


def propose(shop: Shop, by: Actor = BEA) -> int | None:
    with shop.writing() as session:
        run = propose_now(session, shop.today, by, shop.now)
        return run.id if run else None


def pay_out(shop: Shop) -> int:
    """A run that is paid."""
    run_id = propose(shop)
    assert run_id is not None
    do(shop, approve, run_id)
    do(shop, mark_paid, run_id, shop.today, "ACH 77", shop.today)
    return run_id


def payouts(shop: Shop) -> list[tuple[str, int, int]]:
    with shop.reading() as session:
        rows = session.scalars(select(PartnerPayout).order_by(PartnerPayout.id))
        return [(row.state, row.earned_cents, row.deducted_cents) for row in rows]


def test_proposed_approved_paid_and_the_partner_is_told_once(shop: Shop) -> None:
    earn(shop)
    run_id = pay_out(shop)
    assert payouts(shop) == [("paid", 100_00, 0)]
    assert (shop.balance("commission_payable"), shop.balance("operating_bank")) == (0, -100_00)
    with shop.reading() as session:
        assert session.scalars(select(OutboxRow.kind).where(OutboxRow.kind == "mail.partner_remittance")).all() == [
            "mail.partner_remittance"
        ]
    with pytest.raises(IllegalMove):
        do(shop, mark_paid, run_id, shop.today, "", shop.today)
    assert propose(shop) is None
    assert shop.broken_rules() == []


def test_who_has_proposed_does_not_approve_where_another_can(shop: Shop) -> None:
    earn(shop)
    run_id = propose(shop, CAL)
    with shop.writing() as session:
        for name in "bea", "cal":
            row = {"email": f"{name}@harbor.example", "name": name, "role": "accountant"}
            session.add(StaffMember(**row, created_at=shop.now))
    with pytest.raises(Conflict, match="somebody else"):
        do(shop, approve, run_id)
    with shop.writing() as session:
        session.execute(update(StaffMember).where(StaffMember.name == "bea").values(is_active=False))
    do(shop, approve, run_id)


def test_what_is_taken_back_is_deducted_and_a_debt_waits(shop: Shop) -> None:
    partner = shop.partner()
    canceled = shop.program(partner)
    shop.pay(canceled)
    shop.accrue()
    pay_out(shop)
    shop.wait(days=73)
    shop.cancel(canceled)
    shop.accrue()
    assert propose(shop) is None
    assert shop.balance("commission_payable") == 80_00
    shop.pay(shop.program(partner, premium_cents=1_500_00))
    shop.accrue()
    pay_out(shop)
    assert payouts(shop) == [("paid", 100_00, 0), ("paid", 150_00, 80_00)]
    assert shop.balance("commission_payable") == 0
    assert shop.broken_rules() == []


def test_what_is_left_out_dropped_or_returned_comes_again(shop: Shop) -> None:
    earn(shop)
    earn(shop, 30_00, name="Other LLC")
    first = propose(shop)
    do(shop, leave_out, 1)
    do(shop, approve, first)
    with pytest.raises(Conflict):
        do(shop, leave_out, 2)
    do(shop, drop, first)
    assert [state for state, _, _ in payouts(shop)] == ["left_out", "dropped"]
    pay_out(shop)
    with pytest.raises(BadInput):
        do(shop, mark_returned, 3, shop.today + timedelta(days=1), "R03 no account", shop.today)
    do(shop, mark_returned, 3, shop.today, "R03 no account", shop.today)
    with pytest.raises(IllegalMove):
        do(shop, mark_returned, 3, shop.today, "R03 no account", shop.today)
    assert shop.balance("commission_payable") == -100_00
    with shop.reading() as session:
        assert session.scalars(select(StaffTask.kind)).all() == ["partner_payout.returned"]
    pay_out(shop)
    assert [state for state, _, _ in payouts(shop)] == ["left_out", "dropped", "returned", "paid", "paid"]
    assert shop.broken_rules() == []


def test_the_schedule_proposes_once_a_day_what_is_due_and_asks_staff(shop: Shop) -> None:
    earn(shop, payout_schedule="daily")
    earn(shop, payout_schedule="daily", name="Later LLC", settlement_days=4)
    for _ in range(2):
        with shop.writing() as session:  # New Year's Day is no bank day
            assert propose_on_schedule(session, shop.today, SYSTEM, shop.now) is None
    shop.wait(days=1)
    for _ in range(2):
        with shop.writing() as session:
            propose_on_schedule(session, shop.today, SYSTEM, shop.now)
    with shop.reading() as session:
        assert session.scalars(select(PayoutRun.run_on)).all() == [shop.today]
        assert session.scalars(select(StaffTask.kind)).all() == ["partner_payouts.proposed"]
    assert payouts(shop) == [("proposed", 100_00, 0)]
    do(shop, approve, 1)
    with shop.reading() as session:
        assert session.scalars(select(StaffTask.note)).all() == ["approved"]


def release(session: Scoped) -> None:
    session.execute(update(PayoutItem).values(state="released").execution_options(synchronize_session=False))


def spend_more(session: Scoped) -> None:
    row = session.scalars(select(PartnerPayout)).one()
    row.earned_cents, row.amount_cents = row.earned_cents + 1, row.amount_cents + 1
    session.flush()


def unpay(session: Scoped) -> None:
    session.execute(update(PartnerPayout).values(state="proposed").execution_options(synchronize_session=False))


def hold_twice(session: Scoped) -> None:
    first = session.scalars(select(PayoutItem)).one()
    run = session.scalars(select(PartnerPayout)).one()
    facts = {"paid_to": "X", "state": "proposed", "earned_cents": 1, "deducted_cents": 0, "amount_cents": 1}
    other = PartnerPayout(run_id=run.run_id, partner_id=run.partner_id, **facts)
    session.add(other)
    session.flush()
    session.add(PayoutItem(payout_id=other.id, commission_id=first.commission_id, state="live"))
    session.flush()


@pytest.mark.parametrize(
    ("rule", "corrupt"),
    [
        ("a payout is what its commissions come to, earned and taken back", spend_more),
        ("a payout holds its commissions exactly while it is proposed or paid", release),
        ("a commission is in one payout at a time", hold_twice),
        ("a payout is in the books exactly when it was paid, and again when it came back", unpay),
    ],
)
def test_each_rule_of_payouts_finds_what_breaks_it(
    shop: Shop, owner_url: str, rule: str, corrupt: Callable[[Scoped], None]
) -> None:
    earn(shop)
    pay_out(shop)
    owner = make_engine(owner_url)
    with owner.begin() as connection:
        for guard in GUARDS[owner.dialect.name]:
            connection.execute(text(guard))
        connection.execute(text("DROP INDEX ix_payout_item_live"))
    with writing(owner, shop.agency.id) as session:
        assert found(session, INVARIANTS) == set()
        corrupt(session)
        assert rule in found(session, INVARIANTS)
    owner.dispose()
