"""Checks, wires and cash: short, exact, over; cleared and bounced. The books hold after each."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, func, select, update

from portal.agencies.models import Agency
from portal.cli.verify_ledger import ALL
from portal.core.audit import Actor
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.events import subscribe
from portal.core.invariants import check
from portal.core.outbox import OutboxRow
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import Scoped, reading, writing
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.invoices.models import Invoice
from portal.ledger.models import JournalLine
from portal.payments.claims import AlreadyUnderWay, Payer, ReviewChanged
from portal.payments.models import Claim, Payment
from portal.payments.offline import Received, bounce_check, clear_check, record_offline, spread
from portal.subscriptions import SUBSCRIPTIONS
from tests.factories.people import make_agency, make_insured, make_payment_under_way

AT = datetime(2026, 7, 15, 16, tzinfo=UTC)
DAY = date(2026, 7, 14)
ZONE = "America/New_York"
BEA = Actor("staff", "bea@harbor.example")


@pytest.fixture
def agency(engine: Engine) -> Agency:
    """An agency with two invoices of $400.00 each, numbers 1 and 2."""
    subscribe(SUBSCRIPTIONS)
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        lines = [LineDraft("premium", "Premium", 390_00, 50_01), LineDraft("policy_fee", "Fee", 10_00)]
        for _ in range(2):
            issue_invoice(session, InvoiceDraft(insured.id, "one_time", lines, DAY, DAY), AT)
    return agency


def received(amount_cents: int, *invoice_ids: int, **more: object) -> Received:
    payer = Payer("insured", "Riverside Bakery LLC", "ana@bakery.example", "en_US")
    reviewed = dict.fromkeys(invoice_ids or (1,), 400_00)
    made = Received(f"form-{amount_cents}-{invoice_ids}", "check", "1042", DAY, amount_cents, reviewed, payer)
    return replace(made, **more)  # type: ignore[arg-type]


def enter(engine: Engine, agency: Agency, what: Received) -> Payment:
    with writing(engine, agency.id) as session:
        return record_offline(session, what, ZONE, BEA, AT)


def invoices(session: Scoped) -> list[tuple[str, int]]:
    return [(row.state, row.open_cents) for row in session.scalars(select(Invoice).order_by(Invoice.id))]


def balances(session: Scoped) -> dict[str, int]:
    total = func.sum(JournalLine.debit_cents - JournalLine.credit_cents)
    rows = session.execute(select(JournalLine.account, total).group_by(JournalLine.account))
    return {account: int(cents) for account, cents in rows if cents}


def assert_books_hold(session: Scoped) -> None:
    assert check(session, ALL) == []


@pytest.mark.parametrize(
    ("cents", "landing", "left"),
    [
        (150_00, {1: 100_00, 2: 50_00}, 0),
        (200_00, {1: 100_00, 2: 100_00}, 0),
        (250_00, {1: 100_00, 2: 100_00}, 50_00),
        (40_00, {1: 40_00}, 0),
    ],
)
def test_money_is_spread_in_order_and_the_rest_is_credit(cents: int, landing: dict[int, int], left: int) -> None:
    assert spread(cents, {1: 100_00, 2: 100_00}) == (landing, left)


@pytest.mark.parametrize(
    ("cents", "expected", "credit"),
    [
        (150_33, [("open", 249_67), ("open", 400_00)], 0),
        (400_00, [("paid", 0), ("open", 400_00)], 0),
        (450_00, [("paid", 0), ("open", 400_00)], -50_00),
    ],
)
def test_short_exact_and_over_then_cleared(
    engine: Engine, agency: Agency, cents: int, expected: list[tuple[str, int]], credit: int
) -> None:
    payment = enter(engine, agency, received(cents))
    with reading(engine, agency.id) as session:
        assert invoices(session) == expected
        assert balances(session)["checks_in_clearing"] == cents
        assert balances(session).get("customer_credit", 0) == credit
        assert_books_hold(session)
        kinds = session.scalars(select(OutboxRow.kind)).all()
    assert "mail.payment_receipt" in kinds
    with writing(engine, agency.id) as session:
        clear_check(session, payment.id, DAY, BEA, AT)
    with reading(engine, agency.id) as session:
        assert balances(session)["trust_bank"] == cents
        assert "checks_in_clearing" not in balances(session)
        assert_books_hold(session)
    with writing(engine, agency.id) as session, pytest.raises(Conflict):
        bounce_check(session, payment.id, DAY, BEA, AT)


def test_a_bounced_check_opens_again_what_it_had_paid(engine: Engine, agency: Agency) -> None:
    with reading(engine, agency.id) as session:
        before = balances(session)
    payment = enter(engine, agency, received(833_33, 1, 2))
    with writing(engine, agency.id) as session:
        bounce_check(session, payment.id, DAY, BEA, AT)
    with reading(engine, agency.id) as session:
        assert invoices(session) == [("open", 400_00), ("open", 400_00)]
        assert balances(session) == before
        assert session.scalars(select(Claim.state)).all() == ["reversed", "reversed"]
        assert [(task.kind, task.detail) for task in session.scalars(select(StaffTask))] == [
            ("check.bounced", {"amount_cents": 833_33})
        ]
        assert_books_hold(session)
    with writing(engine, agency.id) as session, pytest.raises(Conflict):
        clear_check(session, payment.id, DAY, BEA, AT)


def test_a_claim_that_still_says_paid_after_the_bounce_is_found(engine: Engine, agency: Agency) -> None:
    payment = enter(engine, agency, received(833_33, 1, 2))
    with writing(engine, agency.id) as session:
        bounce_check(session, payment.id, DAY, BEA, AT)
        session.execute(update(Claim).where(Claim.invoice_id == 1).values(state="consumed"))
        broken = {rule for rule, *_ in check(session, ALL)}
    assert "claims are reversed exactly when the check has bounced" in broken


def test_of_two_part_payments_the_first_bounces_and_no_cent_is_lost(engine: Engine, agency: Agency) -> None:
    first = enter(engine, agency, received(133_33))
    enter(engine, agency, received(66_67, reviewed={1: 266_67}, request_key="second"))
    with writing(engine, agency.id) as session:
        bounce_check(session, first.id, DAY, BEA, AT)
    enter(engine, agency, received(333_33, reviewed={1: 333_33}, request_key="third"))
    with reading(engine, agency.id) as session:
        assert invoices(session)[0] == ("paid", 0)
        assert balances(session)["premium_payable"] == -(390_00 - 50_01)
        assert balances(session)["commission_income"] == -50_01
        assert_books_hold(session)


@pytest.mark.parametrize("method", ["wire", "cash"])
def test_wire_and_cash_are_at_the_bank_at_once(engine: Engine, agency: Agency, method: str) -> None:
    payment = enter(engine, agency, received(400_00, method=method))
    with reading(engine, agency.id) as session:
        assert balances(session)["trust_bank"] == 400_00
        assert_books_hold(session)
    with writing(engine, agency.id) as session, pytest.raises(NotFound):
        bounce_check(session, payment.id, DAY, BEA, AT)


def test_a_payment_under_way_blocks_it_and_a_repeat_is_the_same_payment(engine: Engine, agency: Agency) -> None:
    once, again = (enter(engine, agency, received(400_00)) for _ in range(2))
    assert once.id == again.id
    with writing(engine, agency.id) as session:
        make_payment_under_way(session, session.scalars(select(Invoice).where(Invoice.id == 2)).one())
    with pytest.raises(AlreadyUnderWay):
        enter(engine, agency, received(400_00, 2))
    with pytest.raises(ReviewChanged):
        enter(engine, agency, received(100_00, 1, request_key="other"))
    with reading(engine, agency.id) as session:
        assert invoices(session) == [("paid", 0), ("open", 400_00)]


@pytest.mark.parametrize(
    "wrong",
    [{"amount_cents": 0}, {"reviewed": {}}, {"received_on": date(2026, 7, 16)}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_cannot_be_is_refused(engine: Engine, agency: Agency, wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        enter(engine, agency, replace(received(400_00), **wrong))  # type: ignore[arg-type]
