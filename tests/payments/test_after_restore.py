"""After a restore: what the processor charged since the backup comes into the books, nothing is charged twice."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.agencies.keys import read_keys, restored_from
from portal.agencies.models import ProcessorAccount
from portal.core.audit import SYSTEM
from portal.core.staff_tasks import StaffTask
from portal.financing.payoffs import quote_payoff
from portal.payments.after_restore import read_again
from portal.payments.claims import claim
from portal.payments.gateway import GatewayError, Intent, NewIntent
from portal.payments.models import Payment
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.factories.financing import quoted, signed
from tests.factories.people import BOX
from tests.payments.test_financed import loan_of, paid_off
from tests.sandbox.stripe.paying import token


@pytest.fixture
def restored(desk: Desk) -> Desk:
    """A desk whose database was restored just now."""
    with desk.till.writing() as session:
        session.execute(update(ProcessorAccount).values(restored_from=desk.clock()))
    return desk


def charged(desk: Desk, amount_cents: int, metadata: Mapping[str, str], *, confirm: bool = True) -> Intent:
    """What the processor has of a payment that the backup does not."""
    new = NewIntent(amount_cents, f"test-{next(desk.requests)}", ("card",), "lost", metadata)
    intent = desk.till.gateway.create_intent(new)
    if not confirm:
        return intent
    paid_by = token(desk.processor, "pm_card_visa")
    return desk.till.gateway.confirm(intent.id, paid_by, "https://portal.example/back", f"{new.key}-confirm")


def written(
    desk: Desk, amount_cents: int, *invoices: int, fee_cents: int = 0, reference: str = "P-LOST"
) -> dict[str, str]:
    """The metadata that `submit` writes."""
    return {
        "agency_id": str(desk.till.agency_id),
        "payment_id": "77",
        "invoice_ids": ",".join(map(str, invoices)),
        "reference": reference,
        "amount_cents": str(amount_cents),
        "fee_cents": str(fee_cents),
    }


def again(desk: Desk) -> dict[str, int]:
    return {what: number for what, number in read_again(desk.till, desk.clock(), SYSTEM).items() if number}


def is_open(desk: Desk) -> bool:
    with desk.till.reading() as session:
        return read_keys(session, BOX) is not None and restored_from(session) is None


def tasks(desk: Desk) -> list[str]:
    with desk.till.reading() as session:
        return list(session.scalars(select(StaffTask.kind)))


def test_a_lost_payment_is_found_with_its_fee_and_closes_what_it_paid(restored: Desk) -> None:
    first, second = restored.invoice(100_00), restored.invoice(150_00)
    charged(restored, 253_00, written(restored, 250_00, first, second, fee_cents=3_00))
    assert not is_open(restored)
    assert again(restored) == {"found": 1}
    assert restored.invoice_state(first) == restored.invoice_state(second) == ("paid", 0)
    assert is_open(restored)
    restored.assert_sound()


def test_it_can_be_run_again(restored: Desk) -> None:
    invoice = restored.invoice(100_00)
    charged(restored, 100_00, written(restored, 100_00, invoice))
    assert again(restored) == {"found": 1}
    assert again(restored) == {"known": 1}
    assert restored.charged_cents() == 100_00
    restored.assert_sound()


def test_a_lost_intent_that_has_not_charged_never_will(restored: Desk) -> None:
    invoice = restored.invoice(100_00)
    intent = charged(restored, 100_00, written(restored, 100_00, invoice), confirm=False)
    assert again(restored) == {"stopped": 1}
    assert restored.till.gateway.retrieve(intent.id).status == "canceled"
    assert restored.invoice_state(invoice) == ("open", 100_00)


def test_money_for_an_invoice_that_is_gone_or_paid_becomes_credit(restored: Desk) -> None:
    paid = restored.invoice(100_00)
    submit(restored.till, restored.order(paid))
    charged(restored, 150_00, written(restored, 150_00, paid, 4_711))
    assert again(restored) == {"known": 1, "found": 1}
    assert "payment.refund_due" in tasks(restored)
    restored.assert_sound()


def test_a_payment_whose_intent_the_backup_missed_gets_it(restored: Desk) -> None:
    invoice = restored.invoice(100_00)
    order = restored.order(invoice)
    with restored.till.writing() as session:
        payment = claim(session, restored.till.account, order, restored.clock())
    charged(restored, 100_00, written(restored, 100_00, invoice, reference=payment.reference))
    assert again(restored) == {"known": 1}
    assert restored.payment(payment.id).state == "succeeded"
    assert restored.invoice_state(invoice) == ("paid", 0)
    restored.assert_sound()


def test_what_is_not_ours_is_left_alone_and_what_is_strange_is_for_staff(restored: Desk) -> None:
    charged(restored, 20_00, {"order": "of a shop on the same account"})
    charged(restored, 30_00, {"agency_id": str(restored.till.agency_id)})
    assert again(restored) == {"not ours": 1, "left to staff": 1}
    assert tasks(restored) == ["payment.unknown_intent"]
    with restored.till.reading() as session:
        assert session.scalars(select(Payment)).all() == []


def test_while_the_processor_does_not_answer_the_account_stays_closed(restored: Desk) -> None:
    invoice = restored.invoice(100_00)
    charged(restored, 100_00, written(restored, 100_00, invoice))
    restored.fault("payment_intents.list", "error_before")
    with pytest.raises(GatewayError):
        again(restored)
    assert not is_open(restored)
    assert again(restored) == {"found": 1}
    assert is_open(restored)


def test_a_payment_of_long_before_the_backup_is_not_read(restored: Desk) -> None:
    invoice = restored.invoice(100_00)
    submit(restored.till, restored.order(invoice))
    assert read_again(restored.till, restored.clock() + timedelta(days=3), SYSTEM).total() == 0


def test_a_lost_payoff_ends_its_loan_and_what_it_saved_is_not_asked_for(restored: Desk) -> None:
    quote = quoted(restored)
    loan = signed(restored, quote)
    submit(restored.till, restored.order(loan.down_invoice_id))
    with restored.till.reading() as session:
        found = quote_payoff(session, loan.id, restored.till.today())
    cents = {each: open_cents - found.saved_cents[each] for each, open_cents in found.open_cents.items()}
    metadata = {
        **written(restored, found.payoff_cents, *cents),
        "invoice_cents": ",".join(map(str, cents.values())),
        "payoff_loan_id": str(loan.id),
    }
    charged(restored, found.payoff_cents, metadata)
    assert again(restored) == {"known": 1, "found": 1}
    assert loan_of(restored, quote).state == "paid_off"
    assert all(restored.invoice_state(each) == ("paid", 0) for each in cents)
    restored.assert_sound()


def test_a_payoff_says_at_the_processor_which_loan_it_ends(desk: Desk) -> None:
    loan = signed(desk, quoted(desk))
    submit(desk.till, desk.order(loan.down_invoice_id))
    _, payment = paid_off(desk, loan, 40)
    assert desk.till.gateway.retrieve(str(payment.intent_id)).metadata["payoff_loan_id"] == str(loan.id)
