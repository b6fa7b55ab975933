"""The table of legal moves, and what the processor's words mean."""

import pytest

from portal.core.errors import IllegalMove
from portal.payments.transitions import CLOSED, MOVES, UNDER_WAY, check_move, outcome


def test_every_state_is_closed_or_under_way() -> None:
    assert set(MOVES) == CLOSED | UNDER_WAY
    assert not CLOSED & UNDER_WAY


def test_a_success_is_final_and_can_come_from_anywhere_that_has_an_intent() -> None:
    assert not MOVES["succeeded"]
    assert {state for state, moves in MOVES.items() if "succeeded" in moves} == set(MOVES) - {"created", "succeeded"}


def test_an_illegal_move_is_named() -> None:
    with pytest.raises(IllegalMove, match="succeeded cannot become failed"):
        check_move("succeeded", "failed")


@pytest.mark.parametrize(
    ("status", "error", "state", "expected"),
    [
        ("succeeded", None, "submitted", "succeeded"),
        ("succeeded", None, "canceled", "succeeded"),
        ("succeeded", None, "succeeded", None),
        ("requires_payment_method", None, "submitted", None),  # never confirmed: not a decline
        ("requires_payment_method", "insufficient_funds", "submitted", "declined"),
        ("requires_payment_method", "generic_decline", "action_required", "declined"),
        ("requires_action", None, "submitted", "action_required"),
        ("requires_action", None, "succeeded", None),  # an old reading never takes a success back
        ("canceled", None, "declined", "failed"),
        ("canceled", None, "submitted", "canceled"),
        ("processing", None, "submitted", "processing"),
    ],
)
def test_what_an_intent_means(status: str, error: str | None, state: str, expected: str | None) -> None:
    assert outcome(status, error, state) == expected


def test_a_status_only_a_person_can_judge() -> None:
    with pytest.raises(LookupError):
        outcome("requires_capture", None, "submitted")
