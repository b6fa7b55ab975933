"""Statements: what the books came to know of a month, drawn once; each opening is the closing before."""

import os
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select, update

from portal.core.outbox import OutboxRow
from portal.core.tenancy import Scoped, writing
from portal.documents.statement import Statement
from portal.insureds.dead_addresses import mark_dead
from portal.statements.invariants import INVARIANTS
from portal.statements.models import PartnerStatement
from portal.statements.monthly import months_due, queue_overdue
from portal.statements.settings import PartnerRules
from portal.statements.statement_pages import Changed, csv_rows, find_statement, statement_document
from tests.statements.partners_year import CAL, check_books, draw_statements, live
from tests.statements.shop import Shop, found
from tests.statements.test_payouts import pay_out


def months(shop: Shop) -> list[tuple[int, ...]]:
    with shop.reading() as session:
        return [
            (row.opening_cents, row.invoiced_cents, row.paid_cents, row.credited_cents, row.closing_cents)
            for row in session.scalars(select(PartnerStatement).order_by(PartnerStatement.month))
        ]


def said(shop: Shop, statement_id: int) -> Statement:
    with shop.reading() as session:
        return statement_document(session, shop.agency, find_statement(session, statement_id))


def test_a_month_and_the_next_with_what_was_dated_back(shop: Shop) -> None:
    partner = shop.partner(bills_direct=False)
    billed = shop.program(partner, 1_000_00, None, "agency_bill")
    shop.program(partner, 500_00, None, "agency_bill")
    shop.wait(days=20)
    shop.pay(billed, 400_00)
    shop.wait(days=20)
    draw_statements(shop)
    assert months(shop) == [(0, 1_660_00, 400_00, 0, 1_260_00)]
    before = said(shop, 1)
    assert before.aging_cents == (0, 1_260_00, 0, 0, 0)
    shop.pay(billed)
    shop.endorse(billed, -100_00)
    shop.wait(days=25)
    draw_statements(shop)
    assert months(shop)[1] == (1_260_00, 0, 690_00, 104_00, 466_00)
    assert said(shop, 1) == before
    assert draw_statements(shop) == 0
    assert shop.broken_rules() == []


def test_commission_has_its_own_balance_and_the_file_has_every_line(shop: Shop) -> None:
    partner = shop.partner()
    program = shop.program(partner)
    shop.pay(program)
    shop.accrue()
    pay_out(shop)
    shop.endorse(program, -200_00)
    shop.accrue()
    shop.wait(days=31)
    draw_statements(shop)
    one = said(shop, 1)
    assert (one.owes, one.earns) == (False, True)
    assert (one.commission_accrued_cents, one.commission_paid_cents, one.commission_closing_cents) == (
        80_00,
        -100_00,
        -20_00,
    )
    assert [(row[2], *row[5:]) for row in csv_rows(one)] == [
        ("Opening balance", "0.00", "0.00"),
        ("Commission", "100.00", "0.00"),
        ("Commission taken back", "0.00", "20.00"),
        ("Payout", "0.00", "100.00"),
        ("Closing balance", "0.00", "20.00"),
    ]
    assert shop.broken_rules() == []


def test_which_months_are_due(shop: Shop) -> None:
    rules = PartnerRules(statement_day=5)
    with shop.reading() as session:
        assert list(months_due(session, rules, date(2026, 3, 4))) == [date(2026, 1, 1)]
        assert list(months_due(session, rules, date(2026, 3, 5))) == [date(2026, 2, 1)]
    shop.program(shop.partner(), 100_00, None, "agency_bill")
    shop.wait(days=31)
    draw_statements(shop)
    with shop.reading() as session:
        due = list(months_due(session, rules, date(2026, 4, 5)))
    assert due == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]


def test_each_is_mailed_once_and_an_address_that_is_dead_gets_none(shop: Shop) -> None:
    shop.program(shop.partner(), 100_00, None, "agency_bill")
    shop.program(shop.partner("Other LLC", contact_email="gone@other.example"), 100_00, None, "agency_bill")
    with shop.writing() as session:
        mark_dead(session, "gone@other.example", "refused", "550", CAL, shop.now)
    shop.wait(days=31)
    draw_statements(shop)
    for _ in range(2):
        with shop.writing() as session:
            queue_overdue(session, shop.today, shop.now)
    with shop.reading() as session:
        query = select(OutboxRow.kind).where(OutboxRow.kind.like("mail.partner_%")).order_by(OutboxRow.id)
        assert session.scalars(query).all() == ["mail.partner_statement", "mail.partner_overdue"]


def lose(session: Scoped) -> None:
    session.execute(
        update(PartnerStatement).values(
            opening_cents=PartnerStatement.opening_cents + 1, closing_cents=PartnerStatement.closing_cents + 1
        )
    )


def shift(session: Scoped) -> None:
    values = {"opening_cents": PartnerStatement.opening_cents + 1, "paid_cents": PartnerStatement.paid_cents + 1}
    session.execute(update(PartnerStatement).values(**values))


@pytest.mark.parametrize(
    ("rule", "corrupt"),
    [
        ("a partner's statements close with what it owed by the books then, and what it was owed of commission", lose),
        ("a partner's statement opens with what the one before closed with", shift),
    ],
)
def test_each_rule_of_statements_finds_what_breaks_it(shop: Shop, rule: str, corrupt: Callable[[Scoped], None]) -> None:
    shop.program(shop.partner(), 100_00, None, "agency_bill")
    for _ in range(2):
        shop.wait(days=31)
        draw_statements(shop)
    with writing(shop.engine, shop.agency.id) as session:
        assert found(session, INVARIANTS) == set()
        corrupt(session)
        assert rule in found(session, INVARIANTS)
    with shop.reading() as session, pytest.raises(Changed):
        find_statement(session, 1)


def test_a_year_of_partners_ties_to_the_books(shop: Shop) -> None:
    partners = 200 if os.environ.get("PORTAL_FULL_FAULTS") else 10
    live(shop, partners, seed=20261121, programs=2)
    assert check_books(shop) == []
    with shop.reading() as session:
        assert len(session.scalars(select(PartnerStatement.id)).all()) > partners * 7
