"""What a payer authorizes says everything that it must, and is kept with the payment or not at all."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from portal.payments.claims import NotAuthorized
from portal.payments.mandates import debit_authorization, mandate_of
from portal.payments.method_kinds import allowed_kinds
from portal.payments.models import Mandate, Payment
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.payments.interruptions import Points, interrupted

BANK = "pm_usBankAccount_processing"


def test_it_names_who_which_account_how_much_when_and_how_to_revoke() -> None:
    said = " ".join(
        str(paragraph)
        for paragraph in debit_authorization(
            agency_name="Harbor Insurance",
            phone="(207) 555-0142",
            email="billing@harbor.example",
            amount_cents=412_50,
            account="First Bank ••6789",
            debited_on=date(2026, 8, 1),
        )
    )
    for part in ("Harbor Insurance", "$412.50", "First Bank ••6789", "one time", "2026-08-01", "(207) 555-0142"):
        assert part in said
    assert "billing@harbor.example" in said


@pytest.mark.parametrize(
    ("takes", "is_part", "kinds"),
    [(True, False, ("card", "us_bank_account")), (True, True, ("card",)), (False, False, ("card",))],
)
def test_who_may_pay_with_what(takes: bool, is_part: bool, kinds: tuple[str, ...]) -> None:
    assert allowed_kinds(takes, is_part=is_part) == kinds


def test_without_it_no_bank_is_asked(desk: Desk) -> None:
    order = replace(desk.order(desk.invoice(), card=BANK), agreement=None)
    with pytest.raises(NotAuthorized):
        submit(desk.till, order)
    with desk.till.reading() as session:
        assert session.scalars(select(Payment)).all() == []


def test_it_is_written_with_the_payment_and_a_second_press_writes_no_other(desk: Desk) -> None:
    order = desk.order(desk.invoice(), card=BANK)
    payment = submit(desk.till, order)
    submit(desk.till, order)
    with desk.till.reading() as session:
        mandate = mandate_of(session, payment.id)
        assert len(session.scalars(select(Mandate)).all()) == 1
    assert mandate is not None
    assert mandate.agreed_at == payment.created_at


def test_a_processor_that_takes_no_bank_debits_charges_nobody(desk: Desk) -> None:
    """It leaves the kind out of its answer without a word; the payment stops there."""
    order = desk.order(desk.invoice(), card=BANK)
    with interrupted(desk.till, Points()) as till:
        original = till.gateway.create_intent
        object.__setattr__(
            till, "gateway", _Forgetful(till.gateway, lambda new: replace(original(new), method_kinds=("card",)))
        )
        payment = submit(till, order)
    assert payment.state == "canceled"
    assert desk.charged_cents() == 0
    assert desk.claims(next(iter(order.reviewed))) == ["released"]


class _Forgetful:
    """A gateway whose `create_intent` is another."""

    def __init__(self, inner: object, create: object) -> None:
        self._inner, self.create_intent = inner, create

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)
