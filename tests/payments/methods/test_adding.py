"""Adding a method without paying: kept once, refused, asked by the bank, waiting for deposits, or given up."""

from contextlib import suppress
from dataclasses import replace
from itertools import count

import pytest

from portal.payments.gateway import GatewayError
from portal.payments.inbox import handle
from portal.payments.methods.adding import add
from portal.payments.methods.applying import apply_setup
from portal.payments.methods.reconcile import due_setups, reconcile_setup
from portal.payments.methods.verifying import WrongDeposits, said_amounts, said_code, verify
from tests.factories.desk import Desk
from tests.payments.interruptions import LOST, Crash, Points, interrupted
from tests.payments.methods.keeping import at_processor, decide, method, news, settle, setup, shown, wanted
from tests.sandbox.stripe.paying import DAY, control

CHALLENGE = "pm_card_threeDSecure2Required"
BANK = "pm_usBankAccount_success"


def test_a_card_is_kept_and_becomes_the_default(desk: Desk) -> None:
    done = add(desk.till, wanted(desk))
    assert done.state == "succeeded"
    assert shown(desk) == [("4242", "active", True)]
    kept = method(desk, done.payment_method_id or 0)
    assert (kept.brand, kept.funding, kept.exp_month, kept.exp_year) == ("visa", "credit", 12, 2034)
    assert news(desk) == ["added"]
    assert at_processor(desk) == ["4242"]


def test_the_same_page_sent_twice_keeps_it_once(desk: Desk) -> None:
    new = wanted(desk)
    assert add(desk.till, new).id == add(desk.till, new).id
    assert shown(desk) == [("4242", "active", True)]


def test_a_refused_card_is_not_kept(desk: Desk) -> None:
    done = add(desk.till, wanted(desk, "pm_card_visa_chargeDeclined"))
    assert (done.state, done.error_code) == ("failed", "generic_decline")
    assert shown(desk) == []
    assert news(desk) == []


def test_a_spent_token_keeps_nothing(desk: Desk) -> None:
    first = wanted(desk)
    add(desk.till, first)
    again = wanted(desk)
    spent = replace(again, confirmation_token=first.confirmation_token)
    assert add(desk.till, spent).state == "canceled"
    assert len(shown(desk)) == 1


@pytest.mark.parametrize(("outcome", "state"), [("complete", "succeeded"), ("fail", "failed")])
def test_the_bank_asks(desk: Desk, outcome: str, state: str) -> None:
    waiting = add(desk.till, wanted(desk, CHALLENGE))
    assert waiting.state == "action_required"
    assert shown(desk) == []
    decide(desk, waiting, outcome)
    assert handle(desk.till, "setup_intent.succeeded", waiting.intent_id or "") == state
    assert len(shown(desk)) == (1 if state == "succeeded" else 0)


def test_a_question_of_the_bank_that_nobody_answers_is_given_up(desk: Desk) -> None:
    waiting = add(desk.till, wanted(desk, CHALLENGE))
    settle(desk, with_events=False)
    assert setup(desk, waiting.id).state == "canceled"
    with suppress(OSError):
        decide(desk, waiting, "complete")
    assert apply_setup(desk.till, waiting.id).state == "canceled"
    assert at_processor(desk) == []


@pytest.mark.parametrize("said", [said_amounts("32", "45"), said_code("SM11AA")])
def test_two_deposits_verify_a_bank_account(desk: Desk, said: object) -> None:
    waiting = add(desk.till, wanted(desk, BANK))
    assert waiting.state == "verifying"
    assert (waiting.deposit_type, waiting.deposits_on is not None) == ("amounts", True)
    assert shown(desk) == [("6789", "pending_verification", False)]
    with pytest.raises(WrongDeposits) as wrong:
        verify(desk.till, waiting.id, said_amounts("1", "2"))
    assert "Tries left: 9" in str(wrong.value)
    assert verify(desk.till, waiting.id, said).state == "succeeded"  # type: ignore[arg-type]
    assert shown(desk) == [("6789", "active", True)]
    assert news(desk) == ["deposits", "added"]


def test_too_many_wrong_tries_end_it(desk: Desk) -> None:
    waiting = add(desk.till, wanted(desk, BANK))
    assert verify(desk.till, waiting.id, said_amounts("10", "11")).state == "failed"  # the sandbox's shortcut
    assert shown(desk) == [("6789", "unverified", False)]
    assert news(desk) == ["deposits", "unverified"]


def test_after_ten_days_it_is_over(desk: Desk) -> None:
    waiting = add(desk.till, wanted(desk, BANK))
    control(desk.sandbox, "clock", {"advance_seconds": 11 * DAY})
    desk.clock.pass_(days=11)
    with desk.till.reading() as session:
        assert due_setups(session, desk.till.account, desk.clock()) == [waiting.id]
    assert reconcile_setup(desk.till, waiting.id).state == "failed"
    assert shown(desk) == [("6789", "unverified", False)]


def test_a_lost_answer_to_the_typed_amounts_is_found(desk: Desk) -> None:
    waiting = add(desk.till, wanted(desk, BANK))
    desk.fault("setup_intents.verify_microdeposits", "error_after")
    with suppress(GatewayError):
        verify(desk.till, waiting.id, said_amounts("32", "45"))
    settle(desk, with_events=True)
    assert shown(desk) == [("6789", "active", True)]


@pytest.mark.parametrize("card", ["pm_card_visa", "pm_card_visa_chargeDeclined", BANK])
def test_a_process_may_end_anywhere(desk: Desk, card: str) -> None:
    """What is kept here is kept there, once; what is not can be added again."""
    for crash_at in count(1):
        points = Points(crash_at)
        before = len(shown(desk))
        with interrupted(desk.till, points) as till, suppress(Crash):
            add(till, wanted(desk, card, owner := f"ana{crash_at}@bakery.example"))
        settle(desk, with_events=crash_at % 2 == 0)
        states = [state for _, state, _ in shown(desk, owner)]
        expected = {"pm_card_visa": "active", BANK: "pending_verification"}.get(card)
        assert states in ([], [expected])
        if expected != "pending_verification":
            assert len(at_processor(desk, owner)) == len(states)
        assert len(shown(desk)) == before
        if len(points.passed) < crash_at:
            assert crash_at > 9
            break


@pytest.mark.parametrize("how", LOST)
def test_any_answer_may_be_lost(desk: Desk, how: str) -> None:
    for number in count(1):
        owner = f"ana{number}@bakery.example"
        points = Points(loses={number: how})
        with interrupted(desk.till, points) as till, suppress(GatewayError):
            add(till, wanted(desk, owner=owner))
        settle(desk, with_events=number % 2 == 0)
        kept = [last4 for last4, _, _ in shown(desk, owner)]
        assert kept in ([], ["4242"])
        assert at_processor(desk, owner) == kept
        if points.calls < number:
            assert number > 3
            break
