"""Staff press a button twice, at the same moment or later: one payment is recorded, and both presses end at it."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, get_ident

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, event, select
from werkzeug.test import TestResponse

from portal.core.tenancy import reading
from portal.invoices.models import Invoice
from portal.payments.models import Payment
from portal.payments.money_back.models import CreditEntry
from portal.programs.models import Program
from tests.web.admin.test_check_images import kept, photo, recorded, send_photo
from tests.web.admin.test_offline_payment import accountant, agency, assert_books_hold, bakery, enter
from tests.web.visitor import TOKEN, Visitor, engine_of, words

__all__ = ["accountant", "agency", "bakery"]
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""Where two write at the same moment; on SQLite the second begins when the first has ended."""
IS_IT_KNOWN = "payment.request_key = "
HAS_IT_A_PICTURE = "SELECT check_image.payment_id, stored_file.token"
FILLED_IN = {"method": "check", "reference": "1042", "received_on": "2026-07-14", "invoice": "1", "seen": "1:40000"}


@contextmanager
def both_ask(engine: Engine, asked: str) -> Iterator[None]:
    """Two write units go on once the database has answered a question to both: to neither with what the other does."""
    both, here = Barrier(2, timeout=20), set[int]()

    def answered(connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        if asked in statement and connection.get_execution_options().get("writes") and get_ident() not in here:
            here.add(get_ident())
            both.wait()

    event.listen(engine, "after_cursor_execute", answered)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", answered)
    assert len(here) == 2


def press_twice(visitor: Visitor, path: str, fields: Callable[[], dict[str, object]]) -> list[TestResponse]:
    """Two requests of one browser, before the answer to the first has come."""
    token = TOKEN.search(visitor.get("/admin/").text)
    assert token is not None
    twin = Visitor(visitor.app, visitor.agency)
    for cookie in visitor.cookies():
        twin.take(cookie)
    with ThreadPoolExecutor(2) as threads:
        pressed = [threads.submit(each.send, path, csrf_token=token.group(1), **fields()) for each in (visitor, twin)]
    return [each.result() for each in pressed]


def books(app: Flask, program: Program) -> tuple[int, list[int], list[int]]:
    """What is open on the invoice, what was received, and what became a credit."""
    with reading(engine_of(app), program.agency_id) as session:
        received = session.scalars(select(Payment.amount_cents).order_by(Payment.id)).all()
        credit = session.scalars(select(CreditEntry.cents).order_by(CreditEntry.id)).all()
        return session.scalars(select(Invoice.open_cents)).one(), list(received), list(credit)


@on_postgresql
@pytest.mark.parametrize("method", ["check", "wire", "cash"])
@pytest.mark.parametrize(
    ("amount", "expected"),
    [("150.00", (250_00, [150_00], [])), ("450.00", (0, [450_00], [50_00]))],
)
def test_what_came_in_is_recorded_once_when_the_button_is_pressed_twice_at_the_same_moment(
    app: Flask, accountant: Visitor, bakery: Program, method: str, amount: str, expected: object
) -> None:
    send_photo(accountant, bakery, amount=amount, method=method)
    (picture,) = kept(app, accountant.agency)
    page = f"/admin/programs/{bakery.id}"
    fields = FILLED_IN | {"method": method, "amount": amount, "image_token": picture, "request_key": "one"}
    with both_ask(engine_of(app), IS_IT_KNOWN):
        answers = press_twice(accountant, f"{page}/offline-payment", lambda: {**fields})
    assert [answer.location for answer in answers] == [f"/harbor{page}"] * 2
    assert "The payment is recorded." in words(accountant.get(page))
    assert books(app, bakery) == expected
    assert list(recorded(app, accountant.agency).values()) == [picture]
    assert_books_hold(app, accountant.agency)


@pytest.mark.parametrize("amount", ["150.00", "400.00"])
def test_a_second_press_after_the_first_is_done_ends_there_too(
    app: Flask, accountant: Visitor, bakery: Program, amount: str
) -> None:
    page = f"/admin/programs/{bakery.id}"
    for _ in range(2):
        assert enter(accountant, bakery, amount, seen="1:40000").location == f"/harbor{page}"  # type: ignore[attr-defined]
        assert "The payment is recorded." in words(accountant.get(page))
    assert len(books(app, bakery)[1]) == 1
    assert_books_hold(app, accountant.agency)


def test_another_check_in_the_form_of_one_that_is_recorded_is_asked_for_and_recorded_too(
    app: Flask, accountant: Visitor, bakery: Program
) -> None:
    page = f"/admin/programs/{bakery.id}"
    keys = set()
    for amount, seen in (("150.00", "1:40000"), ("100.00", "1:25000")):
        asked = enter(accountant, bakery, amount)
        assert f"Record ${amount}?" in words(asked)  # type: ignore[arg-type]
        given = dict(re.findall(r'name="(seen|request_key)" value="([^"]*)"', asked.text))  # type: ignore[attr-defined]
        assert given["seen"] == seen
        keys.add(given["request_key"])
        assert enter(accountant, bakery, amount, **given).location == f"/harbor{page}"  # type: ignore[attr-defined]
    assert len(keys) == 2
    assert books(app, bakery) == (150_00, [150_00, 100_00], [])
    assert_books_hold(app, accountant.agency)


@on_postgresql
def test_one_of_two_pictures_that_come_at_the_same_moment_is_kept(
    app: Flask, accountant: Visitor, bakery: Program
) -> None:
    enter(accountant, bakery, "400.00", seen="1:40000")
    page = f"/admin/programs/{bakery.id}"
    with both_ask(engine_of(app), HAS_IT_A_PICTURE):
        answers = press_twice(accountant, f"{page}/check-image", lambda: {"payment": "1", "image": photo()})
    added, refused = sorted(answers, key=lambda answer: answer.status_code)
    assert (added.location, refused.status_code) == (f"/harbor{page}", 409)
    assert "This payment has its picture already." in words(refused)
    assert list(recorded(app, accountant.agency).values()) == kept(app, accountant.agency)
