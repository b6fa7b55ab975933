"""A charge that the processor will not even begin: tried on three days, then left to staff; no answer is no refusal."""

from datetime import timedelta

import pytest

from tests.factories.desk import Desk
from tests.payments.autopay.street import Street, open_street
from tests.payments.methods.keeping import keep

DAY = timedelta(days=1)


@pytest.fixture
def street(desk: Desk) -> Street:
    return open_street(desk)


def test_what_the_processor_will_not_begin_is_tried_on_three_days_then_left_to_staff(street: Street) -> None:
    small = street.add_invoice(street.first, cents=20)
    street.on(keep(street.desk))
    street.run_on(street.first - 3 * DAY)
    told = len(street.mails())
    for day in range(12):
        for hour in 9, 10:
            street.run_on(street.first + day * DAY, hour)
    assert [state for _, state in street.payments()].count("canceled") == 3
    assert ("autopay.not_charged", "refused") in street.tasks()
    assert [kind for kind, _ in street.tasks()].count("payment.intent_refused") == 3
    assert "autopay_notice" not in street.mails()[told:]
    assert street.desk.invoice_state(small) == ("open", 20)
    assert street.desk.invoice_state(street.invoices[0]) == ("paid", 0)
    street.desk.assert_sound()


def test_no_answer_is_no_refusal_and_the_next_run_charges(street: Street) -> None:
    street.on(keep(street.desk))
    street.desk.fault("payment_intents.create", "error_before")
    assert list(street.run_on(street.first, hour=9).values()) == ["canceled"]
    assert list(street.run_on(street.first, hour=10).values()) == ["succeeded"]
