"""What autopay leaves to staff: once they have dealt with it, only something new calls them again."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.core.audit import Actor
from portal.core.staff_tasks import StaffTask, close_task
from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice
from portal.payments.methods.models import PaymentMethod
from portal.payments.money_back.refund import RefundOrder, refund
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.payments.autopay.street import CENTS, Street, open_street
from tests.payments.methods.keeping import keep

DAY = timedelta(days=1)
SAM = Actor("staff", "sam@harbor.example")


@pytest.fixture
def street(desk: Desk) -> Street:
    return open_street(desk)


def left(session: Scoped) -> StaffTask:
    """The one matter: more would fail here."""
    return session.scalars(select(StaffTask).where(StaffTask.kind == "autopay.not_charged")).one()


def close(street: Street) -> None:
    with street.desk.till.writing() as session:
        close_task(session, left(session).id, "They were called.", SAM, street.desk.clock())


def waiting(street: Street) -> dict[str, Any] | None:
    """The facts of what waits for staff; None: they have dealt with it."""
    with street.desk.till.reading() as session:
        task = left(session)
        return task.detail if task.closed_at is None else None


def give_back(street: Street, payment_id: int, cents: int, key: str) -> None:
    refund(street.desk.till, RefundOrder(key, payment_id, "mistake", {street.invoices[0]: cents}), SAM)


def test_what_they_have_closed_is_not_opened_again_for_the_same_cause(street: Street) -> None:
    street.on(keep(street.desk))
    paid = submit(street.desk.till, street.desk.order(street.invoices[0]))
    give_back(street, paid.id, CENTS, "refund-1")
    street.run_on(street.first, hour=9)
    assert waiting(street) == {
        "invoice": "INV-2026-000001",
        "why": "given_back",
        "due_date": street.first.isoformat(),
        "attempts": 0,
        "taken_back_cents": CENTS,
    }
    close(street)
    for day in range(3):
        for hour in 10, 11:
            assert street.run_on(street.first + day * DAY, hour) == {}
            assert waiting(street) is None


def test_more_that_came_back_and_another_due_date_are_new(street: Street) -> None:
    street.on(keep(street.desk))
    paid = submit(street.desk.till, street.desk.order(street.invoices[0]))
    give_back(street, paid.id, 100_00, "refund-1")
    street.run_on(street.first, hour=9)
    close(street)
    give_back(street, paid.id, 50_00, "refund-2")
    street.run_on(street.first, hour=10)
    assert (waiting(street) or {})["taken_back_cents"] == 150_00
    close(street)
    moved = street.first + 2 * DAY
    with street.desk.till.writing() as session:
        session.execute(update(Invoice).where(Invoice.id == street.invoices[0]).values(due_date=moved))
    street.run_on(moved - DAY)
    assert waiting(street) is None, "nobody expects a charge before its day"
    street.run_on(moved)
    assert (waiting(street) or {})["due_date"] == moved.isoformat()


def test_another_cause_is_new_though_it_came_while_the_first_still_waited(street: Street) -> None:
    method = keep(street.desk)
    street.on(method)
    with street.desk.till.writing() as session:
        session.get_one(PaymentMethod, method.id).account = "acct_before"
    street.run_on(street.first, hour=9)
    paid = submit(street.desk.till, street.desk.order(street.invoices[0]))
    give_back(street, paid.id, CENTS, "refund-1")
    street.run_on(street.first, hour=10)
    assert (waiting(street) or {})["why"] == "method", "what waits stays as it was asked"
    close(street)
    street.run_on(street.first, hour=11)
    assert (waiting(street) or {})["why"] == "given_back"


def test_what_the_processor_will_not_begin_comes_back_with_each_day_of_trying_and_no_oftener(street: Street) -> None:
    small = street.add_invoice(street.first, cents=20)
    street.on(keep(street.desk))
    street.run_on(street.first - 3 * DAY)
    tries = []
    for day in range(6):
        for hour in 9, 10, 11:
            street.run_on(street.first + day * DAY, hour)
            if hour > 9 and (facts := waiting(street)):
                tries.append((day, hour, facts["attempts"]))
                close(street)
    assert tries == [(0, 10, 1), (1, 10, 2), (2, 10, 3)]
    assert street.desk.invoice_state(small) == ("open", 20)
