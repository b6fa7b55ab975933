"""The tables of moves of saved methods, and what an expiry means."""

from datetime import date

import pytest

from portal.core.errors import BadInput, IllegalMove
from portal.payments.methods.moves import METHOD_MOVES, SETUP_MOVES, check_method_move, expiry, setup_outcome
from portal.payments.methods.verifying import said_amounts, said_code


def test_a_removed_method_never_comes_back() -> None:
    for new in METHOD_MOVES:
        with pytest.raises(IllegalMove):
            check_method_move("removed", new)


def test_a_disabled_or_unverified_method_can_only_be_removed() -> None:
    assert METHOD_MOVES["disabled"] == METHOD_MOVES["unverified"] == {"removed"}


def test_an_attempt_that_is_over_says_nothing_new() -> None:
    for state in ("succeeded", "failed", "canceled"):
        assert SETUP_MOVES[state] == frozenset()
        assert setup_outcome("succeeded", None, None, state) is None


@pytest.mark.parametrize(
    ("status", "error", "action", "state", "new"),
    [
        ("requires_payment_method", None, None, "submitted", None),
        ("requires_payment_method", "card_declined", None, "submitted", "failed"),
        ("requires_action", None, "use_stripe_sdk", "submitted", "action_required"),
        ("requires_action", None, "use_stripe_sdk", "action_required", None),
        ("requires_action", None, "verify_with_microdeposits", "submitted", "verifying"),
        ("requires_action", None, "verify_with_microdeposits", "verifying", None),
        ("requires_payment_method", "timeout", None, "verifying", "failed"),
        ("processing", None, None, "submitted", None),
        ("succeeded", None, None, "verifying", "succeeded"),
        ("canceled", None, None, "action_required", "canceled"),
    ],
)
def test_what_the_processor_says(status: str, error: str | None, action: str | None, state: str, new: str) -> None:
    assert setup_outcome(status, error, action, state) == new


def test_expiry() -> None:
    assert expiry(None, None, date(2026, 11, 21)) == ""
    assert expiry(2026, 12, date(2026, 11, 2)) == "soon"
    assert expiry(2026, 12, date(2026, 12, 31)) == "soon"
    assert expiry(2026, 12, date(2027, 1, 1)) == "expired"
    assert expiry(2027, 3, date(2026, 12, 31)) == ""


@pytest.mark.parametrize(("first", "second"), [("0.32", "0.45"), ("32", "45"), (" $.32", "$ 0.45"), ("0,32", "45")])
def test_amounts_are_understood_as_people_type_them(first: str, second: str) -> None:
    assert said_amounts(first, second).amounts == (32, 45)


@pytest.mark.parametrize(("first", "second"), [("", "45"), ("1.32", "45"), ("abc", "45"), ("0", "45"), ("-3", "4")])
def test_what_is_no_amount_is_asked_for_again(first: str, second: str) -> None:
    with pytest.raises(BadInput):
        said_amounts(first, second)


def test_a_code_is_understood_in_small_letters() -> None:
    assert said_code(" sm 11aa").code == "SM11AA"
    with pytest.raises(BadInput):
        said_code("11AASM")
