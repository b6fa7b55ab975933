"""Paying at the end of a checkout: the steps go on being counted, and only the first payment is asked for."""

import pytest

from tests.factories.desk import Desk
from tests.factories.financing import quoted, signed
from tests.sandbox.stripe.paying import token
from tests.web.paying.test_flow import sealed
from tests.web.visitor import Visitor, words


@pytest.mark.parametrize("is_financed", [False, True])
def test_how_to_pay_review_and_done_are_the_last_steps(ana: Visitor, desk: Desk, is_financed: bool) -> None:
    other, quote = desk.invoice(41_250), quoted(desk)
    invoice = signed(desk, quote).down_invoice_id if is_financed else quote.invoice_id
    steps = 6 if is_financed else 5
    page = f"/pay?checkout={quote.program_id}"
    chosen = words(ana.get(page))
    assert f"Step {steps - 2} of {steps} · 2026 package" in chosen
    assert ("Pay the down payment" if is_financed else "Pay in full") in chosen
    assert "$412.50" not in chosen
    assert ana.post(f"/pay/review?checkout={quote.program_id}", page, invoice=str(other)).status_code == 422
    reviewed = ana.post(
        f"/pay/review?checkout={quote.program_id}",
        page,
        invoice=str(invoice),
        confirmation_token=token(desk.processor, "pm_card_visa"),
    )
    assert f"Step {steps - 1} of {steps}" in words(reviewed)
    answer = ana.post(f"/pay/submit?checkout={quote.program_id}", page, agreed=sealed(reviewed))
    assert answer.location.endswith(f"?steps={steps}")
    done = answer.location.removeprefix(f"/{desk.agency.slug}")
    assert f"Step {steps} of {steps} Thank you." in words(ana.get(done))
    assert "Step" not in words(ana.get(done.partition("?")[0]))  # as it stands in mails
    assert f"Step {steps}" not in words(ana.get(page))  # it is paid: nothing of the checkout is left
    desk.assert_sound()
