"""What a partner owes, by how it stands; for the few that payments hold not all that is open is read."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from portal.core.tenancy import Scoped, reading, writing
from portal.invoices.models import Invoice
from portal.partners.seats import seats_of
from portal.payments.models import Claim, Payment
from portal.reports.partner_balances import SHOWS, BalanceFilter, balance_page, open_sums
from portal.reports.partner_home import home_cards
from tests.factories.partners import make_partner
from tests.factories.people import BEGINNING, make_agency, make_insured

TODAY = date(2026, 7, 15)
DANA = "dana@northgate.example"
AT = datetime.combine(TODAY, BEGINNING.timetz())


@pytest.fixture
def partner_id(engine: Engine) -> int:
    """Owes on each side of every border between the kinds, in several states; others owe too."""
    with writing(engine, make_agency(engine).id) as session:
        partner, other = make_partner(session, DANA), make_partner(session)
        insured = make_insured(session)
        for payer in partner, other:
            ids = []
            for number, days in enumerate((-400, -1, -1, 0, 0, 30, 30, 31, 31, 500)):
                for state in "open", "paid":
                    ids.append(_invoice(session, insured.id, payer.id, days, 100 + number, state))
            _hold(session, payer.id, ids[2:20:4])
        return partner.id


def _invoice(session: Scoped, insured_id: int, partner_id: int, days: int, cents: int, state: str) -> int:
    due = TODAY + timedelta(days=days)
    invoice = Invoice(
        number=f"INV-{partner_id}-{days}-{cents}-{state}",
        kind="pay_in_full",
        insured_id=insured_id,
        partner_id=partner_id,
        issued_on=due,
        due_date=due,
        state=state,
        total_cents=cents,
        open_cents=cents if state == "open" else 0,
        touched_at=AT,
    )
    session.add(invoice)
    session.flush()
    return invoice.id


def _hold(session: Scoped, partner_id: int, invoice_ids: list[int]) -> None:
    """One payment is under way; another was let go of."""
    for state, claim in ("processing", "live"), ("failed", "released"):
        name = f"{partner_id}-{state}"
        payment = Payment(
            token=name,
            reference=name,
            account="harbor",
            kind="interactive",
            state=state,
            amount_cents=100,
            charged_cents=100,
            request_key=name,
            method_kind="card",
            method_brand="visa",
            method_last4="4242",
            method_funding="debit",
            payer_kind="partner",
            partner_id=partner_id,
            payer_name="Dana",
            payer_email=DANA,
            created_at=AT,
            changed_at=AT,
        )
        session.add(payment)
        session.flush()
        held = invoice_ids if claim == "live" else [each - 2 for each in invoice_ids]
        session.add_all(Claim(payment_id=payment.id, invoice_id=each, amount_cents=10, state=claim) for each in held)
        session.flush()


def test_the_sums_are_those_of_the_rows(engine: Engine, partner_id: int) -> None:
    with reading(engine, 1) as session:
        sums = open_sums(session, partner_id, TODAY)
        for show in SHOWS:
            page = balance_page(session, partner_id, BalanceFilter(show), TODAY)
            assert sums[show] == (page.count, page.open_cents)
            assert sums[show] == (len(page.balances), sum(each.open_cents for each in page.balances))
        assert {show: sums[show][0] for show in SHOWS} == {
            "all": 10,
            "overdue": 2,
            "due": 2,
            "upcoming": 1,
            "processing": 5,
        }
        (seat,) = seats_of(session, DANA)
        cards = {card.key: (card.count, card.cents) for card in home_cards(session, seat, TODAY)}
    assert {show: cards[show] for show in SHOWS if show != "all"} == {
        show: sums[show] for show in SHOWS if show != "all"
    }


def test_claims_lead_to_what_is_held_and_sums_are_read_from_an_index_alone(engine: Engine, partner_id: int) -> None:
    """On SQLite, which has no statistics but those we give it; PostgreSQL keeps its own."""
    if engine.dialect.name != "sqlite":
        return
    asked: list[tuple[str, object]] = []

    def hear(*told: Any) -> None:
        asked.append((told[2], told[3]))

    event.listen(engine, "before_cursor_execute", hear)
    with reading(engine, 1) as session:
        open_sums(session, partner_id, TODAY)
        sums, [held], known = asked[1:4], asked[4:], len(asked)
        balance_page(session, partner_id, BalanceFilter("processing"), TODAY)
        [page] = [each for each in asked[known:] if "JOIN insured" in each[0]]
        plans = [_plan(session, *each) for each in (*sums, held, page)]
    event.remove(engine, "before_cursor_execute", hear)
    for plan in plans[:3]:
        assert "COVERING INDEX ix_invoice_partner (agency_id=? AND partner_id=? AND state=? AND due_date>?" in plan
        assert "TEMP B-TREE" not in plan
    for plan in plans[3:]:
        assert "SEARCH invoice USING INTEGER PRIMARY KEY" in plan
        assert "SEARCH claim USING INDEX ix_claim_live (agency_id=?)" in plan


def _plan(session: Scoped, statement: str, values: Any) -> str:
    rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    return "\n".join(str(row[-1]) for row in rows)
