"""The demo's retailer has balances, some overdue, a credit, commissions, a payout proposed, and its last statement."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, func, select

from portal.agencies.models import Agency
from portal.cli.demo_data import load_demo
from portal.cli.demo_partners import OVERPAID_CENTS, load_partners
from portal.cli.verify_ledger import ALL
from portal.core import clock
from portal.core.invariants import check
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, reading_global
from portal.partners.logins import agencies_of
from portal.partners.models import Partner
from portal.partners.seats import seats_of
from portal.programs.models import Program
from portal.reports.partner_commissions import partner_commissions
from portal.reports.partner_home import home_cards
from portal.settings import Settings
from portal.statements.models import PartnerStatement, PayoutRun

DANA = "dana@northgate-risk.example"
A_SUNDAY, THE_FIRST, IN_MARCH = (
    datetime(2026, 11, 22, 17, tzinfo=UTC),
    datetime(2026, 8, 1, 5, tzinfo=UTC),  # a Saturday, an hour after midnight in New York
    datetime(2027, 3, 31, 20, tzinfo=UTC),
)


@pytest.mark.parametrize("now", [A_SUNDAY, THE_FIRST, IN_MARCH])
def test_a_retailer_in_the_middle_of_life(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)
    load_demo(settings)
    load_partners(settings)
    load_partners(settings)
    with reading_global(engine) as unscoped:
        agencies = {agency.slug: agency for agency in unscoped.scalars(select(Agency))}
        secret = settings.secret_key.get_secret_value()
        assert set(agencies_of(unscoped, secret, DANA)) == {agency.id for agency in agencies.values()}
    for slug, agency in agencies.items():
        today = clock.local_date(now, agency.time_zone)
        with reading(engine, agency.id) as session:
            assert check(session, ALL) == []
            (seat,) = seats_of(session, DANA)
            cards = {card.key: card for card in home_cards(session, seat, today)}
            assert cards["overdue"].count >= 1
            statements = session.scalars(select(PartnerStatement).order_by(PartnerStatement.month)).all()
            assert statements[-1].closing_cents > 0
            if slug != "harborline":
                continue
            assert cards["credit"].cents == OVERPAID_CENTS
            assert cards["upcoming"].cents and cards["due"].cents
            earned = partner_commissions(session, seat.partner_id, today)
            assert [payout.status for payout in earned.payouts] == ["partner_payout_paid"]
            assert earned.settling_cents == 435_00
            assert session.scalars(select(PayoutRun.state).order_by(PayoutRun.id)).all() == ["paid", "proposed"]
            opening, closing = statements
            assert opening.closing_cents == closing.opening_cents > 0
            assert closing.paid_cents > 0 and closing.commission_paid_cents == 640_00
            mailed = select(OutboxRow.kind).where(OutboxRow.kind.like("mail.partner_%")).order_by(OutboxRow.kind)
            assert session.scalars(mailed).all() == ["mail.partner_remittance", "mail.partner_statement"]
            programs = select(func.count(Program.id)).where(Program.reference.like("HN-%"))
            assert session.scalar(programs) == 10
            assert session.scalars(select(Partner.archived_at)).all() == [None, None]
