"""Autopay asked for while paying: a box of its own, agreed to on the review, begun once the payment has succeeded."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.core.outbox import OutboxRow
from portal.payments.autopay.beginning import begin_asked
from portal.payments.autopay.models import AutopayRequest
from portal.payments.models import Mandate
from portal.programs.links import issue_link
from tests.factories.desk import Desk
from tests.payments.autopay.street import ANA, Street, open_street
from tests.payments.methods.keeping import keep
from tests.sandbox.stripe.paying import token
from tests.web.paying.test_flow import sealed
from tests.web.visitor import Visitor, words


@pytest.fixture
def street(desk: Desk) -> Street:
    return open_street(desk)


@pytest.fixture
def ana(app: Flask, desk: Desk, street: Street) -> Visitor:
    """The insured of the program, signed in."""
    visitor = Visitor(app, desk.agency)
    visitor.sign_in(ANA)
    return visitor


def review(ana: Visitor, street: Street, **fields: str) -> TestResponse:
    answer = ana.post("/pay/review", "/pay", invoice=str(street.invoices[0]), autopay=str(street.program_id), **fields)
    assert answer.status_code == 200, words(answer)
    return answer


def pay(ana: Visitor, page: TestResponse, **ticked: str) -> str:
    answer = ana.post("/pay/submit", "/pay", agreed=sealed(page), **ticked)
    assert answer.status_code == 303, words(answer)
    return words(ana.get(answer.location.removeprefix(f"/{ana.agency.slug}")))


def test_the_box_is_there_unticked_when_further_payments_are_known(ana: Visitor, street: Street, desk: Desk) -> None:
    page = ana.get(f"/pay?invoice={street.invoices[0]}")
    assert "Turn on autopay for 2026 package" in words(page)
    box = page.text.split('id="turn-on-autopay"')[1].split(">")[0]
    assert "checked" not in box
    with desk.till.writing() as session:
        link = issue_link(session, desk.clock(), program_id=street.program_id).token
    assert "autopay" not in words(Visitor(ana.app, desk.agency).get(f"/pay/{link}")).lower()
    everything = "&invoice=".join(map(str, street.invoices))
    assert "Turn on autopay" not in words(ana.get(f"/pay?invoice={everything}")), "nothing is left for it"


def test_with_a_saved_card_it_begins_at_once(ana: Visitor, street: Street, desk: Desk) -> None:
    page = review(ana, street, saved_method=str(keep(desk).id))
    assert "Authorization of autopay" in words(page) and "$400.00" in words(page)
    done = pay(ana, page, autopay="y")
    assert "Autopay is on for 2026 package" in done
    assert street.enrollment() is not None
    assert street.mails().count("autopay_agreed") == 1
    with desk.till.reading() as session:
        assert session.scalars(select(Mandate.version)).one().startswith("autopay")
    assert begin_asked(desk.till, 1)
    assert street.mails().count("autopay_agreed") == 1
    assert "Turn on autopay" not in words(ana.get(f"/pay?invoice={street.invoices[1]}"))
    desk.assert_sound()


def test_a_new_card_is_kept_for_it(ana: Visitor, street: Street, desk: Desk) -> None:
    kept = token(desk.processor, "pm_card_mastercard", setup_future_usage="off_session")
    done = pay(ana, review(ana, street, confirmation_token=kept), autopay="y")
    assert "Autopay is on for 2026 package" in done
    due = street.first + timedelta(days=30)
    assert street.run_on(due) == {f"autopay:{street.invoices[1]}:1": "succeeded"}
    desk.assert_sound()


def test_whoever_does_not_tick_the_authorization_pays_without_it(ana: Visitor, street: Street, desk: Desk) -> None:
    done = pay(ana, review(ana, street, saved_method=str(keep(desk).id)))
    assert "Autopay" not in done.replace("Autopay:", "")
    assert street.enrollment() is None
    with desk.till.reading() as session:
        assert session.scalars(select(AutopayRequest)).all() == []


def test_a_payment_that_fails_turns_nothing_on(ana: Visitor, street: Street, desk: Desk) -> None:
    method = keep(desk)
    street.bank_says(method, "insufficient_funds")
    page = review(ana, street, saved_method=str(method.id))
    answer = ana.post("/pay/submit", "/pay", agreed=sealed(page), autopay="y")
    assert answer.status_code == 422
    assert street.enrollment() is None
    with desk.till.reading() as session:
        assert session.scalars(select(OutboxRow).where(OutboxRow.kind == "autopay.begin")).all() == []
