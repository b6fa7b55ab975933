"""Endorse, confirm a return, cancel and renew through their pages: dollars first, then it is done, told and booked."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.financing.schedule import add_months
from portal.payments.submit import submit
from portal.programs.changes import Endorsement, PremiumReturn
from portal.programs.models import Policy, Program, Renewal
from tests.factories.desk import Desk
from tests.factories.financing import quoted
from tests.factories.late import Financed, financed, wait_until
from tests.factories.staff import staff_visitor
from tests.web.admin.test_invoice_actions import mail_of
from tests.web.paying.conftest import app, desk
from tests.web.visitor import Visitor, agree, set_clock, words

__all__ = ["app", "desk"]


@pytest.fixture
def loan(desk: Desk) -> Financed:
    return financed(desk)


@pytest.fixture
def accountant(app: Flask, desk: Desk) -> Visitor:
    return staff_visitor(app, desk.agency, "accountant")


def policies(desk: Desk, program_id: int) -> list[int]:
    with desk.till.reading() as session:
        return list(session.scalars(select(Policy.id).where(Policy.program_id == program_id).order_by(Policy.id)))


def endorsement(desk: Desk, program_id: int, way: str, **more: str) -> dict[str, str]:
    day = desk.till.today()
    return {
        "policy": str(policies(desk, program_id)[0]),
        "description": "Added a truck",
        "effective_on": day.isoformat(),
        "way": way,
        "premium": "900",
        "due_date": (day + timedelta(days=15)).isoformat(),
        "request_key": f"{way}-1",
    } | more


def test_an_endorsement_is_billed_with_the_installments_once(desk: Desk, accountant: Visitor, loan: Financed) -> None:
    page = f"/admin/programs/{loan.program_id}"
    path = f"{page}/endorse"
    wrong = accountant.post(path, **endorsement(desk, loan.program_id, "spread", premium="much"))
    assert (wrong.status_code, "is not an amount" in words(wrong), 'value="much"' in wrong.text) == (422, True, True)
    asked = accountant.post(path, **endorsement(desk, loan.program_id, "spread"))
    assert words(asked).count("An invoice of $100.00 is due on") == 9
    assert agree(accountant, path, asked).location == f"/harbor{page}"
    assert agree(accountant, path, asked).status_code in {303, 422}
    with desk.till.reading() as session:
        assert len(session.scalars(select(Endorsement)).all()) == 1
    mail = mail_of(desk, "endorsed")
    assert mail.subject == "Your policy has changed: $900.00 to pay"  # type: ignore[attr-defined]
    assert "Policy endorsed" in words(accountant.get(page))
    desk.assert_sound()


def test_premium_comes_back_once_it_is_confirmed(desk: Desk, accountant: Visitor, loan: Financed) -> None:
    page = f"/admin/programs/{loan.program_id}"
    assert agree(accountant, f"{page}/endorse", **endorsement(desk, loan.program_id, "credit")).status_code == 303
    path = f"{page}/return-premium"
    with desk.till.reading() as session:
        row = session.scalars(select(Endorsement)).one()
    asked = accountant.post(path, endorsement=str(row.id), outcome="confirm")
    assert "$900.00 go to the loan: to what is past due, then to its last installments." in words(asked)
    assert "$112.50 of your commission are not earned." in words(asked)
    assert agree(accountant, path, asked).location == f"/harbor{page}"
    assert mail_of(desk, "credited").subject == "Your policy has changed: $900.00 come back"  # type: ignore[attr-defined]
    assert accountant.get(path).location == f"/harbor{page}"
    assert "No premium waits to come back." in words(accountant.get(page))
    desk.assert_sound()


def test_what_was_to_come_back_is_taken_back(desk: Desk, accountant: Visitor, loan: Financed) -> None:
    page = f"/admin/programs/{loan.program_id}"
    agree(accountant, f"{page}/endorse", **endorsement(desk, loan.program_id, "credit"))
    with desk.till.reading() as session:
        row = session.scalars(select(Endorsement)).one()
    chosen = {"endorsement": str(row.id), "outcome": "withdraw"}
    assert "Nothing was booked" in words(accountant.post(f"{page}/return-premium", **chosen))
    assert agree(accountant, f"{page}/return-premium", **chosen).location == f"/harbor{page}"
    with desk.till.reading() as session:
        assert session.scalars(select(PremiumReturn)).all() == []


def test_a_program_is_canceled_for_its_insured(app: Flask, desk: Desk, accountant: Visitor, loan: Financed) -> None:
    page = f"/admin/programs/{loan.program_id}"
    path, ids = f"{page}/cancel", [str(id_) for id_ in policies(desk, loan.program_id)]
    wish = {"policies": ids, "on": desk.till.today().isoformat(), "method": "flat"}
    late = accountant.post(path, **wish | {"on": (desk.till.today() + timedelta(days=1)).isoformat()})
    assert (late.status_code, "choose today or a day before" in words(late)) == (422, True)
    assert "Choose a policy." in words(accountant.post(path, **wish | {"policies": []}))
    asked = accountant.post(path, **wish)
    assert "Comes back in all $12,908.38" in words(asked)
    assert "become the customer’s credit" in words(asked)
    submit(desk.till, desk.order(loan.installments[0]))
    assert "Something has changed since you looked" in words(agree(accountant, path, asked))
    assert agree(accountant, path, **wish).location == f"/harbor{page}"
    assert "It is canceled." in words(accountant.get(page))
    subject = mail_of(desk, "canceled").subject  # type: ignore[attr-defined]
    assert subject == "You are no longer covered by CGL-PRG-FINANCED, AUTOB-PRG-FINANCED"
    ana = Visitor(app, desk.agency)
    ana.sign_in("ana@bakery.example")
    seen = words(ana.get(f"/programs/{loan.program_id}"))
    assert ("This was canceled on" in seen, seen.count("Canceled on")) == (True, 2)
    desk.assert_sound()


def test_renewed_it_is_a_draft_to_edit(app: Flask, desk: Desk) -> None:
    quote = quoted(desk)
    submit(desk.till, desk.order(quote.invoice_id))
    wait_until(desk, add_months(desk.till.today(), 12) - timedelta(days=60))
    set_clock(app, desk.clock())
    producer = staff_visitor(app, desk.agency, "producer")
    path = f"/admin/programs/{quote.program_id}/renew"
    assert "Nothing is billed yet." in words(producer.get(path))
    made = agree(producer, path)
    with desk.till.reading() as session:
        new_id = session.scalars(select(Renewal.program_id)).one()
        assert session.get_one(Program, new_id).is_draft
    assert made.location == f"/harbor/admin/programs/{new_id}/edit"
    assert "CGL-PRG-FINANCED" in producer.get(f"/admin/programs/{new_id}/edit").text
    assert producer.get(path).location == f"/harbor/admin/programs/{quote.program_id}"


def test_producers_endorse_but_neither_confirm_nor_cancel(app: Flask, desk: Desk, loan: Financed) -> None:
    producer = staff_visitor(app, desk.agency, "producer")
    page = f"/admin/programs/{loan.program_id}"
    assert producer.get(f"{page}/endorse").status_code == 200
    for path in "return-premium", "cancel", "due-date", "void", "write-off":
        assert producer.get(f"{page}/{path}").status_code == 403
