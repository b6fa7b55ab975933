"""Charging many at once is the same protocol: each once, whoever else is at it, whatever the processor answers."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, update

from portal.agencies.models import ProcessorAccount
from portal.payments.bulk import ChargedElsewhere, charge_many
from portal.payments.bulk_claims import BulkOrder
from portal.payments.claims import KeptMethod, Payer
from portal.payments.models import Payment
from portal.payments.reconcile import reconcile
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.sandbox.stripe.paying import RETURN_URL, challenge, confirm, control, intent, token

ANA = Payer("insured", "Ana", "ana@bakery.example", "en_US")


def keep(desk: Desk, card: str = "pm_card_visa") -> KeptMethod:
    """A card that is kept at the processor."""
    owner = desk.processor.v1.customers.create({"email": ANA.email}).id
    made = desk.processor.v1.setup_intents.create({"customer": owner})
    asked = {"confirmation_token": token(desk.processor, card), "return_url": RETURN_URL}
    done = desk.processor.v1.setup_intents.confirm(made.id, asked)
    return KeptMethod(owner, str(done.payment_method), "card", "visa", "4242", "credit", "fp_4242")


def keep_one_that_asks(desk: Desk) -> KeptMethod:
    """A card of a bank that asks its holder at each payment; kept while paying, the holder being there."""
    owner = desk.processor.v1.customers.create({"email": ANA.email}).id
    first = intent(desk.processor, customer=owner, setup_future_usage="off_session")
    card = token(desk.processor, "pm_card_threeDSecure2Required", setup_future_usage="off_session")
    waiting = confirm(desk.processor, first.id, card)
    challenge(desk.sandbox, waiting, "complete")
    method = desk.processor.v1.payment_intents.retrieve(first.id).payment_method
    return KeptMethod(owner, str(method), "card", "visa", "3220", "credit", "fp_3220")


def orders(method: KeptMethod, *invoice_ids: int, cents: int = 41_250) -> list[BulkOrder]:
    return [BulkOrder(f"autopay:{each}:1", {each: cents}, 0, method, ANA) for each in invoice_ids]


def charges(desk: Desk) -> int:
    books = control(desk.sandbox, f"books?account={desk.till.account}", method="GET")["accounts"]
    return sum(each["status"] == "succeeded" for each in books[desk.till.account]["charges"])


def test_many_are_charged_once_each_and_a_repeat_charges_nothing(desk: Desk) -> None:
    invoices = [desk.invoice() for _ in range(12)]
    wanted = orders(keep(desk), *invoices)
    assert set(charge_many(desk.till, wanted).values()) == {"succeeded"}
    assert set(charge_many(desk.till, wanted).values()) == {"succeeded"}
    assert charges(desk) == 12
    assert {desk.invoice_state(each) for each in invoices} == {("paid", 0)}
    desk.assert_sound()


def test_what_somebody_else_holds_or_has_changed_is_left_alone(desk: Desk) -> None:
    free, paid, changed, held = (desk.invoice() for _ in range(4))
    submit(desk.till, desk.order(paid))
    assert submit(desk.till, desk.order(held, card="pm_card_threeDSecure2Required")).state == "action_required"
    method = keep(desk)
    wanted = [*orders(method, free, paid, held), *orders(method, changed, cents=41_249)]
    assert charge_many(desk.till, wanted) == {
        f"autopay:{free}:1": "succeeded",
        f"autopay:{paid}:1": "changed",
        f"autopay:{held}:1": "held",
        f"autopay:{changed}:1": "changed",
    }
    desk.assert_sound()


def test_a_decline_frees_the_invoice_and_says_why(desk: Desk) -> None:
    """A card whose bank asks each time, when nobody is there to be asked."""
    invoice = desk.invoice()
    assert charge_many(desk.till, orders(keep_one_that_asks(desk), invoice)) == {f"autopay:{invoice}:1": "failed"}
    with desk.till.reading() as session:
        payment = session.scalars(select(Payment)).one()
    assert (payment.kind, payment.decline_code) == ("unattended", "authentication_required")
    assert desk.claims(invoice) == ["released"]
    assert desk.broken_rules() == []


def test_an_answer_that_is_lost_is_found_out_later_and_charged_once(desk: Desk) -> None:
    invoices = [desk.invoice() for _ in range(3)]
    method = keep(desk)
    desk.fault("payment_intents.confirm", "error_after", count=1)
    desk.fault("payment_intents.create", "error_after", count=1)
    ends = charge_many(desk.till, orders(method, *invoices))
    assert sorted(ends.values()) == ["canceled", "submitted", "succeeded"]
    desk.clock.pass_(minutes=3)
    with desk.till.reading() as session:
        unknown = session.scalars(select(Payment.id).where(Payment.state == "submitted")).one()
    assert reconcile(desk.till, unknown).state == "succeeded"
    assert charges(desk) == 2
    desk.assert_sound()


def test_one_process_at_a_time_charges_an_account(desk: Desk) -> None:
    invoice = desk.invoice()
    wanted = orders(keep(desk), invoice)
    with desk.till.writing() as session:
        session.execute(update(ProcessorAccount).values(bulk_until=desk.clock()))
    desk.clock.pass_(minutes=-1)
    with pytest.raises(ChargedElsewhere):
        charge_many(desk.till, wanted)
    assert desk.charged_cents() == 0
    desk.clock.pass_(minutes=2)
    assert charge_many(desk.till, wanted) == {f"autopay:{invoice}:1": "succeeded"}


def test_people_who_pay_at_the_same_moment_are_charged_once(desk: Desk) -> None:
    """The run and the payers themselves, at the same invoices: each is paid by one of them."""
    invoices = [desk.invoice() for _ in range(8)]
    by_hand = [desk.order(each) for each in invoices]
    wanted = orders(keep(desk), *invoices)
    together = Barrier(3)

    def run() -> None:
        together.wait()
        charge_many(desk.till, wanted)

    def pay(mine: slice) -> None:
        together.wait()
        for order in by_hand[mine]:
            try:
                submit(desk.till, order)
            except Exception as error:  # noqa: BLE001
                assert type(error).__name__ in {"AlreadyUnderWay", "ReviewChanged"}, error

    with ThreadPoolExecutor(3) as threads:
        for each in [threads.submit(run), threads.submit(pay, slice(0, 4)), threads.submit(pay, slice(4, 8))]:
            each.result()
    assert charges(desk) == 8
    assert {desk.invoice_state(each) for each in invoices} == {("paid", 0)}
    desk.assert_sound()
