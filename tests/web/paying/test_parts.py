"""Paying an invoice in parts, where the agency takes them: the rest stays open and is paid later."""

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.agencies.part_settings import Limit, Parts, set_parts
from portal.core.tenancy import writing_global
from tests.factories.desk import Desk
from tests.web.paying.test_flow import pay, review, sealed
from tests.web.visitor import Visitor, services_of, words


@pytest.fixture
def in_parts(app: Flask, desk: Desk) -> Desk:
    """A desk that takes parts of at least $50.00 and at most half of what is open."""
    change(app, desk, Parts(True, Limit(cents=50_00), Limit(basis_points=5_000)))
    return desk


def change(app: Flask, desk: Desk, parts: Parts) -> None:
    with writing_global(desk.till.engine) as session:
        set_parts(session, desk.agency.id, parts)
    services_of(app).directory.forget()


def done(visitor: Visitor, desk: Desk, reviewed: TestResponse) -> str:
    answer = pay(visitor, "/pay", sealed(reviewed))
    assert answer.status_code == 303, words(answer)
    return words(visitor.get(answer.location.removeprefix(f"/{desk.agency.slug}")))


def test_two_parts_pay_an_invoice(ana: Visitor, in_parts: Desk) -> None:
    invoice = in_parts.invoice(400_00)
    page = ana.get(f"/pay?invoice={invoice}")
    assert "All of it, or a part between $50.00 and $200.00, by card." in words(page)
    assert f'name="part_{invoice}" type="text" value="400.00"' in page.text
    reviewed = review(ana, in_parts, "/pay", invoice, **{f"part_{invoice}": "150.00"})
    assert "$150.00 of $400.00; $250.00 stay open" in words(reviewed)
    assert "Pay $150.00" in words(reviewed)
    said = done(ana, in_parts, reviewed)
    assert "Thank you. You paid $150.00" in said
    assert "Still open: $250.00" in said
    assert in_parts.invoice_state(invoice) == ("open", 250_00)
    assert in_parts.charged_cents() == 150_00
    in_parts.assert_sound()
    assert "$150.00 paid so far, $250.00 open" in words(ana.get(f"/invoices/{invoice}"))
    assert "a part between $50.00 and $125.00" in words(ana.get("/pay"))
    done(ana, in_parts, review(ana, in_parts, "/pay", invoice))
    assert in_parts.invoice_state(invoice) == ("paid", 0)
    assert in_parts.charged_cents() == 400_00
    in_parts.assert_sound()


def test_several_invoices_one_in_part(ana: Visitor, in_parts: Desk) -> None:
    whole, part = in_parts.invoice(100_00), in_parts.invoice(300_00)
    fields = {"invoice": [str(whole), str(part)], f"part_{whole}": "", f"part_{part}": "$60"}
    reviewed = review(ana, in_parts, "/pay", **fields)  # type: ignore[arg-type]
    assert "Pay $160.00" in words(reviewed)
    done(ana, in_parts, reviewed)
    assert in_parts.invoice_state(whole) == ("paid", 0)
    assert in_parts.invoice_state(part) == ("open", 240_00)
    in_parts.assert_sound()


@pytest.mark.parametrize("typed", ["10", "250", "400.01", "much", "-60"])
def test_what_cannot_be_paid_is_said_and_what_was_typed_stays(ana: Visitor, in_parts: Desk, typed: str) -> None:
    invoice = in_parts.invoice(400_00)
    answer = review(ana, in_parts, "/pay", invoice, **{f"part_{invoice}": typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert f'href="#part_{invoice}"' in answer.text
    assert in_parts.charged_cents() == 0


def test_an_amount_of_an_invoice_that_is_not_ticked_does_not_count(ana: Visitor, in_parts: Desk) -> None:
    invoice, other = in_parts.invoice(100_00), in_parts.invoice(300_00)
    reviewed = review(ana, in_parts, "/pay", invoice, **{f"part_{other}": "nonsense"})
    assert "Pay $100.00" in words(reviewed)


def test_where_parts_are_not_taken_all_of_it_is_paid(app: Flask, ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice(400_00)
    assert "Amount to pay" not in words(ana.get("/pay"))
    assert "Pay $400.00" in words(review(ana, desk, "/pay", invoice, **{f"part_{invoice}": "100"}))


def test_the_total_without_script_comes_from_what_was_typed(ana: Visitor, in_parts: Desk) -> None:
    invoice = in_parts.invoice(400_00)
    page = words(ana.get(f"/pay?invoice={invoice}&part_{invoice}=80"))
    assert "Review payment of $80.00" in page


def test_a_part_that_was_reviewed_before_another_was_paid_is_reviewed_again(ana: Visitor, in_parts: Desk) -> None:
    invoice = in_parts.invoice(400_00)
    first, second = (sealed(review(ana, in_parts, "/pay", invoice, **{f"part_{invoice}": "100"})) for _ in range(2))
    assert pay(ana, "/pay", first).status_code == 303
    late = pay(ana, "/pay", second)
    assert late.status_code == 422
    assert "The amount has changed" in words(late)
    assert in_parts.charged_cents() == 100_00
    in_parts.assert_sound()
