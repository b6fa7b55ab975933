"""The nightly comparison finds what the processor and the books say differently, and changes nothing."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from portal.core.staff_tasks import StaffTask
from portal.ledger.journal import post
from portal.ledger.processor_postings import payout_created
from portal.payments.balance_models import BalanceTransaction
from portal.payments.comparison import compare
from portal.payments.gateway import GatewayError
from portal.payments.models import Payment
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.sandbox.stripe.paying import pay


def tasks(desk: Desk) -> list[str]:
    with desk.till.reading() as session:
        return sorted(session.scalars(select(StaffTask.kind).where(StaffTask.kind.startswith("comparison."))))


def change(desk: Desk, model: type, **values: object) -> None:
    with desk.till.writing() as session:
        session.execute(update(model).values(**values).execution_options(synchronize_session=False))


def lose_the_payment(desk: Desk) -> None:
    change(desk, Payment, state="failed")


def forget_a_dollar(desk: Desk) -> None:
    change(desk, Payment, amount_cents=1_00, charged_cents=1_00)


def charge_again(desk: Desk) -> None:
    with desk.till.reading() as session:
        payment = session.scalars(select(Payment)).one()
    metadata = {"agency_id": str(desk.till.agency_id), "reference": payment.reference}
    pay(desk.processor, amount=payment.charged_cents, metadata=metadata)
    desk.clock.pass_(hours=2)


def change_a_movement(desk: Desk) -> None:
    change(desk, BalanceTransaction, fee_cents=0, net_cents=BalanceTransaction.amount_cents)


def book_what_never_was(desk: Desk) -> None:
    with desk.till.writing() as session:
        post(session, [payout_created("po_none", 50_00, desk.till.today())], desk.clock())
    desk.clock.pass_(days=2)


def test_where_all_is_right_nothing_is_said(desk: Desk) -> None:
    submit(desk.till, desk.order(desk.invoice()))
    pay(desk.processor)
    desk.clock.pass_(days=2)
    assert compare(desk.till).total() == 0
    assert tasks(desk) == []


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lose_the_payment, ["comparison.charge"]),
        (forget_a_dollar, ["comparison.charge"]),
        (charge_again, ["comparison.charge", "comparison.twice"]),
        (change_a_movement, ["comparison.movement"]),
        (book_what_never_was, ["comparison.entry"]),
    ],
)
def test_each_difference_is_for_staff(desk: Desk, spoil: Callable[[Desk], None], expected: list[str]) -> None:
    submit(desk.till, desk.order(desk.invoice()))
    desk.clock.pass_(hours=2)
    assert compare(desk.till).total() == 0
    spoil(desk)
    compare(desk.till)
    compare(desk.till)
    assert tasks(desk) == expected, "each once, however many nights"


def test_while_the_processor_does_not_answer_nothing_is_said(desk: Desk) -> None:
    submit(desk.till, desk.order(desk.invoice()))
    desk.fault("charges.list", "error_before")
    with pytest.raises(GatewayError):
        compare(desk.till)
    assert tasks(desk) == []
