"""Autopay over HTTP: turned on with a consent of its own, another method, turned off; who may, and what is kept."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.payments.autopay.models import AutopayConsent
from portal.payments.models import Mandate
from tests.factories.desk import Desk
from tests.payments.autopay.street import ANA, Street, open_street
from tests.payments.methods.keeping import BOB, keep
from tests.web.paying.test_methods import signed_in
from tests.web.visitor import Visitor, words

DAY = timedelta(days=1)


@pytest.fixture
def street(desk: Desk) -> Street:
    return open_street(desk)


@pytest.fixture
def ana(app: Flask, desk: Desk, street: Street) -> Visitor:
    """The insured of the program, signed in."""
    visitor = Visitor(app, desk.agency, browser="Firefox/150")
    visitor.sign_in(ANA)
    return visitor


def base(street: Street) -> str:
    return f"/programs/{street.program_id}/autopay"


def read(page: str) -> dict[str, str]:
    """What stands in the hidden fields of the second step."""
    return dict(re.findall(r'name="(method|past_due|read)" value="([^"]*)"', page))


def turn_on(ana: Visitor, street: Street, method_id: int, **more: str) -> dict[str, str]:
    """Walk both steps and tick the box; what was read is returned."""
    asked = ana.post(f"{base(street)}/review", f"{base(street)}?change=1", method=method_id, **more)
    fields = read(asked.text)
    answer = ana.post(base(street), f"{base(street)}?change=1", agrees="y", **fields)
    assert answer.status_code == 303, words(answer)
    return fields | {"next": answer.location, "words": words(asked)}


def test_it_is_turned_on_with_a_consent_of_its_own(ana: Visitor, desk: Desk, street: Street) -> None:
    method = keep(desk)
    program = ana.get(f"/programs/{street.program_id}")
    assert "Turn autopay on" in words(program)
    asked = ana.post(f"{base(street)}/review", base(street), method=method.id)
    assert "Authorization of autopay" in words(asked)
    assert "checked" not in asked.text
    unticked = ana.post(base(street), base(street), **read(asked.text))
    assert (unticked.status_code, "Tick the box" in words(unticked)) == (422, True)
    assert street.enrollment() is None
    found = turn_on(ana, street, method.id)
    with desk.till.reading() as session:
        mandate = session.scalars(select(Mandate)).one()
        consent = session.scalars(select(AutopayConsent)).one()
    assert all(paragraph in found["words"] for paragraph in mandate.text.split("\n"))
    assert "charge Visa ••4242 for" in mandate.text and "$400.00" in mandate.text
    assert (mandate.ip_address, mandate.browser, mandate.locale) == ("192.0.2.1", "Firefox/150", "en_US")
    assert consent.email == ANA
    page = words(ana.get(base(street)))
    assert "What you agreed to" in page and "Next payment $400.00" in page
    home = words(ana.get("/"))
    assert "Autopay: On – $400.00 from Visa ••4242 on" in home
    assert "On – $400.00 from Visa ••4242 on" in words(ana.get(f"/programs/{street.program_id}"))


def test_a_method_is_chosen_first(ana: Visitor, desk: Desk, street: Street) -> None:
    assert "First add the card or bank account" in words(ana.get(base(street)))
    method = keep(desk)
    offered = ana.get(base(street)).text
    assert re.search(rf'name="method" value="{method.id}" checked', offered), "offered first, as while paying"
    nothing = ana.post(f"{base(street)}/review", base(street))
    assert (nothing.status_code, "Choose a payment method." in words(nothing)) == (422, True)
    others = keep(desk, owner=BOB)
    assert ana.post(f"{base(street)}/review", base(street), method=others.id).status_code == 422
    forged = ana.post(base(street), base(street), method=others.id, agrees="y", read="x")
    assert forged.status_code == 422
    assert street.enrollment() is None
    assert method.id


def test_a_new_card_leads_back_with_it_chosen(ana: Visitor, desk: Desk, street: Street) -> None:
    page = ana.get(base(street))
    assert f"/payment-methods/new?program={street.program_id}" in page.text
    form = ana.get(f"/payment-methods/new?program={street.program_id}")
    from tests.sandbox.stripe.paying import token

    answer = ana.post(
        f"/payment-methods/new?program={street.program_id}",
        confirmation_token=token(desk.processor),
        request_key=re.findall(r'name="request_key" value="([^"]+)"', form.text)[0],
    )
    assert answer.status_code == 303
    back = ana.get(answer.location.removeprefix(f"/{desk.agency.slug}"))
    assert "checked" in back.text and "Autopay" in words(back)


def test_what_was_read_is_what_is_agreed_to(ana: Visitor, desk: Desk, street: Street) -> None:
    """Between the page and the button an installment is added: the page is shown again, unticked."""
    method = keep(desk)
    asked = ana.post(f"{base(street)}/review", base(street), method=method.id)
    street.add_invoice(street.first + 5 * DAY, 9_900)
    again = ana.post(base(street), base(street), agrees="y", **read(asked.text))
    assert again.status_code == 422
    assert "have changed since you looked" in words(again) and "$99.00" in words(again)
    assert street.enrollment() is None


def test_the_method_is_replaced_without_switching_off(ana: Visitor, desk: Desk, street: Street) -> None:
    first, second = keep(desk), keep(desk, "pm_card_mastercard")
    turn_on(ana, street, first.id)
    before = street.enrollment()
    turn_on(ana, street, second.id)
    after = street.enrollment()
    assert before and after and before.id == after.id
    assert after.payment_method_id == second.id
    assert "Mastercard ••4444" in words(ana.get(base(street)))


def test_a_method_in_use_is_not_removed(ana: Visitor, desk: Desk, street: Street) -> None:
    method = keep(desk)
    turn_on(ana, street, method.id)
    assert "Used by autopay:" in words(ana.get("/payment-methods"))
    asked = ana.get(f"/payment-methods/{method.id}/remove")
    assert "Choose another method there, or turn autopay off" in words(asked)
    assert "Yes, remove it" not in words(asked)
    refused = ana.post(f"/payment-methods/{method.id}/remove", "/payment-methods")
    assert (refused.status_code, "Autopay uses it" in words(refused)) == (409, True)


def test_turning_off_says_what_is_then_due_and_is_confirmed_by_page(ana: Visitor, desk: Desk, street: Street) -> None:
    turn_on(ana, street, keep(desk).id)
    asked = words(ana.get(f"{base(street)}/off"))
    assert "Turn autopay off?" in asked and asked.count("$400.00") == 3
    assert street.enrollment() is not None
    assert ana.post(f"{base(street)}/off").status_code == 303
    assert street.enrollment() is None
    assert "Autopay is off." in words(ana.get(f"/programs/{street.program_id}"))
    assert ana.get(f"{base(street)}/off").status_code == 302


def test_what_is_past_due_is_paid_in_the_same_step_or_stays_due(ana: Visitor, desk: Desk, street: Street) -> None:
    method = keep(desk)
    late = street.add_invoice(desk.till.today() - 5 * DAY, 12_300)
    assert "$123.00 is past due" in words(ana.get(base(street)))
    unsaid = ana.post(f"{base(street)}/review", base(street), method=method.id)
    assert (unsaid.status_code, "Say what happens with what is past due." in words(unsaid)) == (422, True)
    left = turn_on(ana, street, method.id, past_due="leave")
    assert left["next"].endswith(base(street))
    assert "$123.00 stays past due" in left["words"]
    paid = turn_on(ana, street, method.id, past_due="pay")
    assert f"/pay?invoice={late}&saved_method={method.id}" in paid["next"]
    page = ana.get(paid["next"].removeprefix(f"/{desk.agency.slug}"))
    assert "Review payment of $123.00" in words(page)
    assert street.run_on(desk.till.today()) == {}, "autopay does not take it by itself"


def test_nobody_else_sees_or_changes_it(app: Flask, ana: Visitor, desk: Desk, street: Street) -> None:
    turn_on(ana, street, keep(desk).id)
    bob = signed_in(app, desk, BOB)
    for path in (base(street), f"{base(street)}/off"):
        assert bob.get(path).status_code == 404
        assert bob.post(path, "/").status_code in {404, 405}
    stranger = Visitor(app, desk.agency, ip="198.51.100.9")
    assert stranger.get(base(street)).status_code == 302
    assert stranger.post(f"{base(street)}/off", "/sign-in").status_code == 303
    assert street.enrollment() is not None


def test_in_spanish_the_spanish_text_is_kept(ana: Visitor, desk: Desk, street: Street) -> None:
    ana.post("/language", "/", language="es")
    turn_on_page = ana.post(f"{base(street)}/review", base(street), method=keep(desk).id)
    ana.post(base(street), base(street), agrees="y", **read(turn_on_page.text))
    with desk.till.reading() as session:
        mandate = session.scalars(select(Mandate)).one()
    assert mandate.locale == "es_US"
    assert "You authorize" not in mandate.text
