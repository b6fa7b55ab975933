"""Staff ask for one-time payments, look at them, change and cancel them: what they read at each step."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import reading, writing
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.servicing.reminders.models import Reminder
from tests.factories.people import make_agency, make_insured, make_payment_under_way
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, set_clock, wait, words

AT = datetime(2026, 7, 15, 16, tzinfo=UTC)
KEY = re.compile(r'name="request_key" value="([^"]+)"')
SURVEY = {
    "description": "Loss survey",
    "what_1": "Survey on site",
    "kind_1": "item",
    "amount_1": "1,000.00",
    "kind_2": "tax",
    "amount_2": "82.50",
    "due_date": "2026-08-01",
    "payments": "1",
    "every": "month",
}


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


@pytest.fixture
def bakery(app: Flask, agency: Agency) -> Insured:
    with writing(engine_of(app), agency.id) as session:
        return make_insured(session, "ana@bakery.example", reference="BAK-1")


@pytest.fixture
def producer(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "producer")


def ask(staff: Visitor, insured: Insured, **more: str) -> str:
    """Walk through form and confirmation; the address of the payment."""
    path = f"/admin/customers/{insured.id}/one-time"
    typed = SURVEY | more
    review = staff.post(path, **typed)
    assert review.status_code == 200, words(review)
    key = KEY.search(review.text)
    assert key
    done = staff.post(path, **typed, request_key=key[1], step="do")
    assert done.status_code == 303, words(done)
    return done.location.removeprefix("/harbor")


def all_of(app: Flask, agency: Agency, model: Any) -> list[Any]:
    with reading(engine_of(app), agency.id) as session:
        return list(session.scalars(select(model).order_by(model.id)))


def test_the_page_before_says_what_follows_and_nothing_is_asked_yet(
    app: Flask, agency: Agency, producer: Visitor, bakery: Insured
) -> None:
    path = f"/admin/customers/{bakery.id}/one-time"
    assert path in producer.get(f"/admin/customers/{bakery.id}").text
    seen = words(producer.post(path, **(SURVEY | {"payments": "3", "send": "y"})))
    for part in (
        "Ask for $1,082.50?",
        "$360.84",
        "$360.83",
        "Sep 1, 2026",
        "in 3 invoices",
        "goes to ana@bakery.example now",
    ):
        assert part in seen
    assert all_of(app, agency, Invoice) == []


def test_it_is_asked_for_once_and_its_page_tells_all(
    app: Flask, agency: Agency, producer: Visitor, bakery: Insured
) -> None:
    page = ask(producer, bakery)
    seen = words(producer.get(page))
    for part in (
        "Loss survey",
        "$1,082.50",
        "Survey on site",
        "Taxes",
        "Nothing was sent",
        "Invoice issued",
        "Change",
        "Cancel",
    ):
        assert part in seen
    link = re.search(r'value="http://localhost/harbor(/pay/[^"]+)"', producer.get(page).text)
    assert link
    assert link[1].startswith("/pay/")
    again = (
        producer.post(f"/admin/customers/{bakery.id}/one-time", **SURVEY, request_key="the same", step="do"),
        producer.post(f"/admin/customers/{bakery.id}/one-time", **SURVEY, request_key="the same", step="do"),
    )
    assert again[0].location == again[1].location
    assert len(all_of(app, agency, Invoice)) == 2


def test_the_link_is_sent_if_staff_say_so(app: Flask, agency: Agency, producer: Visitor, bakery: Insured) -> None:
    assert "on its way" in words(producer.get(ask(producer, bakery, send="y", payments="2")))
    [reminder] = all_of(app, agency, Reminder)
    assert (reminder.kind, reminder.cents, reminder.addresses) == ("link", 541_25, 1)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"description": ""}, "Enter what it is for."),
        ({"amount_1": "", "what_1": "", "amount_2": ""}, "Enter at least one line."),
        ({"amount_1": "abc"}, "is not an amount"),
        ({"amount_1": "-5"}, "more than nothing"),
        ({"what_1": ""}, "Say what the amount is for."),
        ({"amount_1": ""}, "Enter the amount."),
        ({"due_date": "2026-07-14"}, "is over"),
        ({"payments": "99"}, "Between 1 and 24"),
        ({"payments": ""}, "Enter a number of payments."),
        ({"email": "nobody"}, "is not an e-mail address"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    producer: Visitor, bakery: Insured, wrong: dict[str, str], why: str
) -> None:
    answer = producer.post(f"/admin/customers/{bakery.id}/one-time", **(SURVEY | wrong))
    assert answer.status_code == 422
    assert why in words(answer)
    assert 'value="82.50"' in answer.text or "amount_2" in wrong


def test_one_can_go_back_and_change(producer: Visitor, bakery: Insured) -> None:
    answer = producer.post(f"/admin/customers/{bakery.id}/one-time", **SURVEY, step="back")
    assert answer.status_code == 200
    assert 'value="Survey on site"' in answer.text


def test_without_an_address_there_is_nothing_to_send_to(app: Flask, agency: Agency, producer: Visitor) -> None:
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session)
    answer = producer.post(f"/admin/customers/{insured.id}/one-time", **SURVEY, send="y")
    assert "no e-mail address to send the link to" in words(answer)
    page = producer.get(ask(producer, insured, email="cfo@bakery.example", send="y"))
    assert "cfo@bakery.example" in words(page)


def test_a_change_says_what_follows_then_happens(
    app: Flask, agency: Agency, producer: Visitor, bakery: Insured
) -> None:
    page = ask(producer, bakery)
    wait(app, minutes=1)
    form = producer.get(f"{page}/change")
    assert 'value="1000.00"' in form.text
    seen = re.search(r'name="seen" value="([^"]+)"', form.text)
    assert seen
    new = {name: value for name, value in SURVEY.items() if name not in {"payments", "every"}} | {"amount_1": "1200"}
    review = words(producer.post(f"{page}/change", **new, seen=seen[1]))
    assert "of $1,082.50 is void. A new one of $1,282.50 takes its place" in review
    done = producer.post(f"{page}/change", **new, seen=seen[1], step="do")
    assert done.location != f"/harbor{page}"
    after = words(producer.get(done.location.removeprefix("/harbor")))
    assert "$1,282.50" in after
    old = words(producer.get(page))
    assert "Void" in old
    assert "another took its place" in old
    late = producer.post(f"{page}/change", **new, seen=seen[1], step="do")
    assert "It cannot be changed. It is canceled." in words(late)


def test_the_second_of_two_people_sees_both(app: Flask, producer: Visitor, bakery: Insured) -> None:
    page = ask(producer, bakery)
    seen = re.search(r'name="seen" value="([^"]+)"', producer.get(f"{page}/change").text)
    assert seen
    wait(app, minutes=1)
    new = {name: value for name, value in SURVEY.items() if name not in {"payments", "every"}}
    producer.post(f"{page}/change", **(new | {"due_date": "2026-09-01"}), seen=seen[1], step="do")
    answer = producer.post(f"{page}/change", **(new | {"due_date": "2026-10-01"}), seen=seen[1], step="do")
    assert answer.status_code == 422
    assert "It stands at $1,082.50 now, due Sep 1, 2026" in words(answer)
    assert 'value="2026-10-01"' in answer.text


def test_one_or_all_that_is_not_paid_is_canceled(
    app: Flask, agency: Agency, producer: Visitor, bakery: Insured
) -> None:
    page = ask(producer, bakery, payments="3")
    first, *rest = all_of(app, agency, Invoice)
    with writing(engine_of(app), agency.id) as session:
        make_payment_under_way(session, session.get_one(Invoice, first.id))
    assert "A payment for it is under way" in words(producer.get(page))
    assert "It cannot be canceled." in words(producer.get(f"{page}/cancel"))
    second = f"/admin/one-time/{rest[0].id}"
    form = producer.get(f"{second}/cancel")
    assert "All 2 that are not paid: $721.66" in words(form)
    assert "Enter the reason." in words(producer.post(f"{second}/cancel", which="one"))
    which = f"rest:{rest[0].id},{rest[1].id}"
    producer.post(f"{second}/cancel", which=which, reason="Sold the shop")
    assert [invoice.state for invoice in all_of(app, agency, Invoice)] == ["open", "void", "void"]
    seen = words(producer.get(second))
    assert "Nothing is owed on it any more" in seen
    assert "Sold the shop" in seen


def test_support_looks_and_touches_nothing(app: Flask, agency: Agency, producer: Visitor, bakery: Insured) -> None:
    page = ask(producer, bakery)
    support = staff_visitor(app, agency, "support")
    assert f"{page}/change" not in support.get(page).text
    for path in (f"{page}/change", f"{page}/cancel", f"/admin/customers/{bakery.id}/one-time"):
        assert support.get(path).status_code == 403
