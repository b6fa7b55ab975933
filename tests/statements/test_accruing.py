"""Commissions as the books bring them: by settled money only, exactly once, and taken back with it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, event, select, text, update

from portal.core.db import make_engine
from portal.core.tenancy import writing
from portal.ledger.journal import post
from portal.ledger.partner_postings import commission_accrued
from portal.programs.models import Policy
from portal.statements.invariants import INVARIANTS
from portal.statements.models import Commission
from portal.statements.settings import PartnerRules, PartnerSettings, set_partner_rules
from tests.payments.test_invariants import GUARDS
from tests.statements.shop import Shop, found


def test_it_comes_with_the_money_pro_rata_and_once(shop: Shop) -> None:
    partner = shop.partner(settlement_days=5)
    program = shop.program(partner)
    shop.program(partner, rate=None)
    shop.program(None)
    shop.accrue()
    assert shop.commissions() == []
    shop.pay(program, 545_00)
    shop.accrue()
    shop.accrue()
    assert shop.commissions() == [50_00]
    shop.pay(program)
    shop.accrue()
    assert shop.commissions() == [50_00, 50_00]
    assert (shop.balance("commission_payable"), shop.balance("commission_expense")) == (-100_00, 100_00)
    with shop.reading() as session:
        first = session.scalars(select(Commission)).first()
        assert first.payable_on - first.settled_on == timedelta(days=5)
    assert shop.broken_rules() == []


def test_a_blank_rate_and_agency_bill_accrue_nothing(shop: Shop) -> None:
    partner = shop.partner()
    shop.pay(shop.program(partner, rate=None))
    agency_bill = shop.program(partner, billing_type="agency_bill")
    shop.pay(agency_bill)
    shop.accrue()
    assert shop.commissions() == []


def test_a_check_counts_when_it_has_cleared_and_never_when_it_bounces(shop: Shop) -> None:
    partner = shop.partner()
    good, bad = shop.program(partner), shop.program(partner)
    check, other = shop.pay(good, method="check"), shop.pay(bad, method="check")
    shop.accrue()
    assert shop.commissions() == []
    shop.wait(days=3)
    shop.clear(check)
    shop.bounce(other)
    shop.accrue()
    assert shop.commissions() == [100_00]
    with shop.reading() as session:
        assert session.scalars(select(Commission.settled_on)).one() == shop.today
    assert shop.broken_rules() == []


def test_refunds_and_premium_that_comes_back_take_their_part_with_them(shop: Shop) -> None:
    partner = shop.partner()
    refunded, returned, canceled = shop.program(partner), shop.program(partner), shop.program(partner)
    payment = shop.pay(refunded)
    shop.pay(returned)
    shop.pay(canceled)
    shop.accrue()
    shop.wait(days=73)
    shop.refund(payment, 545_00)
    shop.endorse(returned, -200_00)
    shop.cancel(canceled)
    shop.accrue()
    assert shop.commissions() == [100_00, 100_00, 100_00, -50_00, -20_00, -80_00]
    assert shop.balance("commission_payable") == -150_00
    assert shop.broken_rules() == []


def test_an_agency_may_leave_partners_what_they_have_earned(shop: Shop) -> None:
    with shop.writing() as session:
        assert set_partner_rules(session, PartnerRules(claws_back=False)) == {"claws_back": "True → False"}
    program = shop.program(shop.partner())
    shop.pay(program)
    shop.endorse(program, -200_00)
    shop.accrue()
    assert shop.commissions() == [100_00, 0]
    shop.endorse(program, 100_00)
    shop.pay(program)
    shop.accrue()
    assert shop.commissions() == [100_00, 0, 10_00]
    assert shop.broken_rules() == []


def test_within_a_day_it_looks_at_what_is_new_only_and_loses_nothing(shop: Shop) -> None:
    partner = shop.partner()
    first, second, third, unrated = (shop.program(partner, rate=rate) for rate in ("0.1", "0.1", "0.1", None))
    check = shop.pay(first, method="check")
    shop.pay(unrated)
    shop.accrue()
    shop.wait(hours=2)
    shop.accrue()
    shop.pay(second)
    shop.clear(check)
    shop.accrue()
    shop.accrue()
    assert shop.commissions() == [100_00, 100_00]
    begun = shop.now
    shop.wait(minutes=59)
    shop.accrue()
    late, shop.now = shop.now, begun
    shop.pay(third)
    shop.now = late + timedelta(hours=1)
    shop.accrue()
    assert shop.commissions() == [100_00] * 3, "a unit that took long to commit"
    with shop.writing() as session:
        session.execute(
            update(Policy).where(Policy.retail_commission_rate.is_(None)).values(retail_commission_rate=Decimal("0.2"))
        )
    shop.accrue()
    assert shop.commissions() == [100_00] * 3
    shop.wait(days=1)
    shop.accrue()
    assert shop.commissions() == [100_00] * 3 + [200_00], "a rate that came after the money"
    assert shop.broken_rules() == []


def test_what_is_new_is_found_by_an_index(shop: Shop) -> None:
    """On SQLite, which plans by the statistics that we give it; PostgreSQL reads small tables whole."""
    if shop.engine.dialect.name != "sqlite":
        return
    asked: list[tuple[str, Any]] = []

    def hear(*told: Any) -> None:
        if "FROM program" in told[2]:
            asked.append((told[2], told[3]))

    shop.accrue()
    event.listen(shop.engine, "before_cursor_execute", hear)
    shop.accrue()
    event.remove(shop.engine, "before_cursor_execute", hear)
    assert len(asked) == 2
    for statement, values in asked:
        with shop.reading() as session:
            rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        assert "INDEX ix_journal_entry_posted (agency_id=? AND kind=? AND posted_at>?)" in rows[0][-1], rows


RULES = (
    "a commission is in the books with its cents",
    "each commission in the books has its row",
    "the premium of a commission is what its entry paid for",
    "a policy's commission is its rate of the premium that is paid for, and what was not clawed back",
    "what has settled has brought its commission",
)


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_finds_what_breaks_it(shop: Shop, owner_url: str, rule: str) -> None:
    program = shop.program(shop.partner())
    shop.pay(program)
    shop.accrue()
    assert shop.broken_rules() == []
    owner = make_engine(owner_url)
    with owner.begin() as connection:
        for guard in GUARDS[owner.dialect.name]:
            connection.execute(text(guard))
    with writing(owner, shop.agency.id) as session:
        row = session.scalars(select(Commission)).one()
        match rule:
            case "a commission is in the books with its cents":
                row.cents += 1
            case "each commission in the books has its row":
                post(session, [commission_accrued("7:7", row.policy_id, 5, shop.today)], shop.now)
            case "the premium of a commission is what its entry paid for":
                row.premium_cents -= 1
            case "a policy's commission is its rate of the premium that is paid for, and what was not clawed back":
                row.kept_cents += 2
            case "what has settled has brought its commission":
                session.execute(delete(Commission))
                later = shop.now + timedelta(hours=2)
                session.execute(update(PartnerSettings).values(accrued_until=later))
        session.flush()
        assert rule in found(session, INVARIANTS)
    owner.dispose()
