"""What people and tests read and press: the page, the books, the clock."""

import urllib.error
import urllib.parse
import urllib.request

import pytest
from stripe import CardError, StripeClient

from portal.sandbox.stripe.server import Running
from tests.sandbox.stripe.paying import DAY, books, control, debit, pay


def page(sandbox: Running, path: str = "/") -> str:
    with urllib.request.urlopen(sandbox.url + path, timeout=10) as answer:
        return str(answer.read().decode())


def test_an_empty_page_says_what_to_do(sandbox: Running) -> None:
    assert "Nothing yet. Pay something in the portal" in page(sandbox)


def test_the_page_tells_what_happened(client: StripeClient, sandbox: Running) -> None:
    paid = pay(client, amount=123_456, metadata={"invoice_ids": "<b>12</b>"})
    with pytest.raises(CardError):
        pay(client, "pm_card_visa_chargeDeclinedInsufficientFunds")
    control(sandbox, "faults", {"endpoint": "payment_intents.cancel", "kind": "rate_limit"})
    control(sandbox, "clock", {"advance_seconds": 7200})
    html = page(sandbox)
    for text in ("$1,234.56", paid.id, "Your card has insufficient funds.", "2.0 hours ahead", "charge.failed"):
        assert text in html
    assert "rate limit at payment_intents.cancel" in html
    assert "&lt;b&gt;12&lt;/b&gt;" in html
    assert paid.id not in page(sandbox, "/?account=summit")


def test_the_books_hold_every_intent_and_charge(client: StripeClient, sandbox: Running) -> None:
    paid = [pay(client, amount=amount, metadata={"payment_id": str(amount)}) for amount in (5_000, 7_000)]
    kept = books(sandbox)
    assert [intent["id"] for intent in kept["payment_intents"]] == [intent.id for intent in paid]
    assert [charge["metadata"]["payment_id"] for charge in kept["charges"]] == ["5000", "7000"]
    assert kept["charged_cents"] == 12_000
    # $1.75 and $2.33 at 2.9 % + 30 cents.
    assert kept["fees_cents"] == 175 + 233


def test_the_clock_moves_forward_only(sandbox: Running) -> None:
    before = control(sandbox, "clock", method="GET")["now"]
    assert control(sandbox, "clock", {"advance_seconds": 500})["now"] >= before + 500
    for wrong in ({"advance_seconds": -1}, {"advance_seconds": "soon"}, {}, {"advance_seconds": 10**20}):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            control(sandbox, "clock", wrong)


def test_reset_forgets_everything(client: StripeClient, sandbox: Running) -> None:
    pay(client)
    control(sandbox, "clock", {"advance_seconds": 500})
    control(sandbox, "reset")
    assert books(sandbox) is None
    assert control(sandbox, "clock", method="GET")["offset_seconds"] == 0


def test_other_sites_press_no_buttons(sandbox: Running) -> None:
    request = urllib.request.Request(
        f"{sandbox.url}/sandbox/reset", method="POST", data=b"", headers={"Sec-Fetch-Site": "cross-site"}
    )
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=10)


def press(sandbox: Running, path: str, **fields: str) -> None:
    """A button of the page: a form, answered by the page."""
    form = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(f"{sandbox.url}/sandbox/{path}", data=form, timeout=10) as answer:
        assert "Stripe sandbox" in answer.read().decode()


def test_the_page_has_a_button_for_what_can_happen(client: StripeClient, sandbox: Running) -> None:
    sent = debit(client)
    assert f'action="/sandbox/debits/{sent.id}/settle"' in page(sandbox)
    press(sandbox, f"debits/{sent.id}/settle")
    assert f'action="/sandbox/debits/{sent.id}/return"' in page(sandbox)
    press(sandbox, f"debits/{sent.id}/return", code="insufficient_funds")
    assert "insufficient funds" in page(sandbox)
    assert f"debits/{sent.id}" not in page(sandbox), "it is returned once"
    paid = pay(client, amount=90_000)
    press(sandbox, f"charges/{paid.latest_charge}/dispute", inquiry="1")
    dispute = books(sandbox)["disputes"][-1]
    assert f'action="/sandbox/disputes/{dispute["id"]}/escalate"' in page(sandbox)
    press(sandbox, f"disputes/{dispute['id']}/won")
    assert "inquiry closed" in page(sandbox)
    control(sandbox, "clock", {"advance_seconds": 2 * DAY})
    assert "Pay out now" in page(sandbox)
    press(sandbox, "payouts", account="harbor")
    payout = books(sandbox)["payouts"][-1]
    press(sandbox, f"payouts/{payout['id']}/fail")
    assert "could not process" in page(sandbox)


def test_the_books_add_up(client: StripeClient, sandbox: Running) -> None:
    paid = pay(client, amount=10_000)
    client.v1.refunds.create({"payment_intent": paid.id, "amount": 1_000})
    sent = debit(client, amount=20_000)
    control(sandbox, f"debits/{sent.id}/settle")
    control(sandbox, f"debits/{sent.id}/return")
    kept = books(sandbox)
    assert (kept["charged_cents"], kept["refunded_cents"], kept["disputed_cents"]) == (30_000, 1_000, 20_000)
    # $3.20 for the card, $1.60 for the debit, $15.00 for its return.
    assert kept["fees_cents"] == 320 + 160 + 1_500
    assert kept["balance_cents"] == 30_000 - 1_000 - 20_000 - kept["fees_cents"]
