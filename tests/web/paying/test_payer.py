"""Who pays for somebody else: what they may call themselves."""

import pytest
from sqlalchemy import select

from portal.payments.models import Payment
from portal.programs.links import issue_link
from tests.factories.desk import Desk
from tests.web.paying.test_flow import pay, review, sealed
from tests.web.visitor import Visitor, words


def door(desk: Desk) -> tuple[str, int]:
    """A payment link's address and what it is for."""
    invoice = desk.invoice()
    with desk.till.writing() as session:
        return f"/pay/{issue_link(session, desk.clock(), invoice_id=invoice).token}", invoice


@pytest.mark.parametrize(
    "typed", ["Cleo\r\nBcc: all@evil.example", "Cleo\x01 Bcc: all@evil.example", " Cleo\tBcc: all@evil.example "]
)
def test_a_name_is_one_line_wherever_it_is_written(stranger: Visitor, desk: Desk, typed: str) -> None:
    base, invoice = door(desk)
    reviewed = review(stranger, desk, base, invoice, payer_name=typed, payer_email="cleo@books.example")
    assert pay(stranger, base, sealed(reviewed)).status_code == 303
    with desk.till.reading() as session:
        assert session.scalars(select(Payment.payer_name)).one() == "Cleo Bcc: all@evil.example"


@pytest.mark.parametrize("typed", ["", "   ", "\x01\r\n"])
def test_blanks_are_no_name(stranger: Visitor, desk: Desk, typed: str) -> None:
    base, invoice = door(desk)
    answer = review(stranger, desk, base, invoice, payer_name=typed, payer_email="cleo@books.example")
    assert answer.status_code == 422
    assert "Enter your name." in words(answer)
