"""The trial balance: it balances, period after period, and ties to what the invoices and payments say."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, func, select

from portal.core.errors import BadInput
from portal.invoices.models import Invoice
from portal.ledger.models import JournalEntry, JournalLine
from portal.payments.submit import submit
from portal.reports.trial_balance import TrialBalance, csv_rows, trial_balance
from portal.sandbox.stripe.server import Running
from tests.factories.desk import Desk, open_desk


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


def read(desk: Desk, first: date, last: date) -> TrialBalance:
    with desk.till.reading() as session:
        return trial_balance(session, first, last)


def closing(balance: TrialBalance) -> dict[str, int]:
    return {row.account: row.closing_cents for row in balance.rows}


def test_it_balances_and_says_what_invoices_and_payments_say(desk: Desk) -> None:
    paid, _open = desk.invoice(400_00), desk.invoice(100_00)
    submit(desk.till, desk.order(paid))
    balance = read(desk, desk.till.today(), desk.till.today())
    assert balance.is_balanced
    accounts = closing(balance)
    assert accounts["receivable"] == 100_00
    assert accounts["processor_clearing"] == desk.charged_cents() == 400_00
    with desk.till.reading() as session:
        assert accounts["receivable"] == session.scalar(select(func.sum(Invoice.open_cents)))
    assert desk.broken_rules() == []


def test_a_period_begins_with_what_the_one_before_ended_with(desk: Desk) -> None:
    first_day = desk.till.today()
    invoice = desk.invoice(400_00)
    desk.clock.pass_(days=40)
    later = desk.till.today()
    submit(desk.till, desk.order(invoice))
    before, after = read(desk, first_day, later - timedelta(days=1)), read(desk, later, later)
    assert before.is_balanced
    assert after.is_balanced
    assert {row.account: row.opening_cents for row in after.rows if row.opening_cents} == closing(before)
    assert closing(after)["receivable"] == 0
    assert closing(after) == closing(read(desk, first_day, later)) | {"receivable": 0}
    assert read(desk, first_day - timedelta(days=9), first_day - timedelta(days=1)).rows == ()


def test_the_csv_has_plain_numbers_and_a_total(desk: Desk) -> None:
    desk.invoice(400_00)
    rows = {name: cells for name, *cells in csv_rows(read(desk, desk.till.today(), desk.till.today()))}
    assert rows["receivable"] == ["0.00", "0.00", "400.00", "0.00", "400.00", "0.00"]
    assert rows["total"] == ["0.00", "0.00", "400.00", "400.00", "400.00", "400.00"]


def test_an_entry_with_one_side_alone_shows_here_and_in_verify_ledger(desk: Desk) -> None:
    desk.invoice(400_00)
    with desk.till.writing() as session:
        entry = JournalEntry(kind="charge", ref="half", booked_on=desk.till.today(), posted_at=desk.clock())
        session.add(entry)
        session.flush()
        session.add(JournalLine(entry_id=entry.id, account="receivable", debit_cents=1_00, credit_cents=0))
    assert not read(desk, desk.till.today(), desk.till.today()).is_balanced
    assert any("each entry balances" in rule for rule in desk.broken_rules())


def test_without_books_it_is_empty_and_balanced(desk: Desk) -> None:
    balance = read(desk, date(2026, 1, 1), date(2026, 1, 31))
    assert (balance.rows, balance.is_balanced, balance.totals) == ((), True, (0,) * 6)


def test_a_period_has_to_end_after_it_begins(desk: Desk) -> None:
    with pytest.raises(BadInput, match="ends before it begins"):
        read(desk, date(2026, 2, 1), date(2026, 1, 1))
