"""A partner's payout by itself: rows, nothing in the books."""

from datetime import date
from decimal import Decimal

from portal.core.tenancy import Scoped
from portal.ledger.models import JournalEntry
from portal.programs.models import Policy
from portal.statements.drawing import digest_of
from portal.statements.models import Commission, PartnerPayout, PartnerStatement, PayoutItem, PayoutRun
from portal.statements.months import month_of
from tests.factories.people import BEGINNING

TENTH = 10


def make_payout(session: Scoped, partner_id: int, policy: Policy, premium_cents: int = 1_000_00) -> PartnerPayout:
    """Paid: a tenth of a premium."""
    day: date = BEGINNING.date()
    run = PayoutRun(state="paid", run_on=day, proposed_by="", proposed_at=BEGINNING, paid_on=day)
    entry = JournalEntry(kind="charge", ref=f"made-{policy.id}", booked_on=day, posted_at=BEGINNING)
    session.add_all([run, entry])
    session.flush()
    cents = premium_cents // TENTH
    commission = Commission(
        partner_id=partner_id,
        policy_id=policy.id,
        entry_id=entry.id,
        premium_cents=premium_cents,
        rate=Decimal(1) / TENTH,
        cents=cents,
        kept_cents=0,
        settled_on=day,
        payable_on=day,
        accrued_at=BEGINNING,
    )
    payout = PartnerPayout(
        run_id=run.id,
        partner_id=partner_id,
        paid_to="Northgate Risk Advisors",
        state="paid",
        earned_cents=cents,
        deducted_cents=0,
        amount_cents=cents,
    )
    session.add_all([commission, payout])
    session.flush()
    session.add(PayoutItem(payout_id=payout.id, commission_id=commission.id, state="live"))
    session.flush()
    return payout


def make_statement(session: Scoped, partner_id: int) -> PartnerStatement:
    """Of a June in which nothing happened."""
    month = month_of(date(2026, 6, 1), "America/New_York")
    figures = ("opening", "invoiced", "paid", "credited", "closing")
    commission = ("opening", "accrued", "paid", "closing")
    row = PartnerStatement(
        partner_id=partner_id,
        drawn_for=partner_id,
        month=month.first,
        from_at=month.from_at,
        until_at=month.until_at,
        **{f"{name}_cents": 0 for name in figures},
        **{f"commission_{name}_cents": 0 for name in commission},
        details={
            "partner": {"name": "Northgate", "address_lines": []},
            "lines": [],
            "open": [],
            "aging": [0] * 5,
            "commissions": [],
            "payouts": [],
        },
        digest="",
        drawn_at=BEGINNING,
    )
    row.digest = digest_of(row)
    session.add(row)
    session.flush()
    return row
