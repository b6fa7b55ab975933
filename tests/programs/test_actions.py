"""The table of actions: what each status allows, and the reason for the rest."""

from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

import pytest

from portal.core.errors import IllegalMove
from portal.programs.actions import ACTIONS, RENEWABLE, STANDS, Action, ActionFacts, check_action, refusal
from portal.programs.lifecycle import ProgramStatus

TODAY = date(2026, 11, 21)
READY = ActionFacts(
    status="active",
    today=TODAY,
    is_under_way=False,
    is_payable=True,
    is_paid=True,
    is_on_autopay=True,
    loan="bound",
    last_expiration=TODAY + RENEWABLE,
    is_renewed=False,
    can_reinstate=True,
    movable=1,
    voidable=1,
    past_due=1,
    waiting_credits=1,
)
"""Nothing but the status stands against any action."""
STATUSES: tuple[ProgramStatus, ...] = get_args(ProgramStatus)
IN_FORCE = {"processing", "active", "endorsement_due", "overdue", "pending_cancelation"}
BILLED = IN_FORCE | {"payment_due", "canceled", "reinstatement_due", "completed"}
ALLOWED: dict[Action, set[str]] = {
    "edit": BILLED | {"incomplete"},
    "send_link": BILLED,
    "assist": BILLED,
    "record_payment": BILLED,
    "refund": BILLED | {"archived"},
    "change_due_date": IN_FORCE | {"payment_due", "canceled"},
    "endorse": IN_FORCE - {"pending_cancelation"} | {"completed"},
    "confirm_return": IN_FORCE | {"completed"},
    "payoff_quote": IN_FORCE,
    "renew": IN_FORCE | {"completed"},
    "stop_autopay": BILLED,
    "void_invoice": BILLED,
    "write_off": BILLED,
    "cancel": IN_FORCE - {"processing"} | {"payment_due"},
    "reinstate": {"canceled"},
    "archive": set(),
    "unarchive": {"archived"},
}


@pytest.mark.parametrize("action", ACTIONS)
def test_each_status_allows_what_the_table_says_and_gives_a_reason_for_the_rest(action: Action) -> None:
    for status in STATUSES:
        reason = refusal(action, replace(READY, status=status))
        assert (reason is None) == (status in ALLOWED[action]), (action, status, reason)


def test_every_status_says_where_it_stands() -> None:
    assert set(STANDS) == set(STATUSES)


@pytest.mark.parametrize("status", ["payment_due", "incomplete"])
def test_only_what_nobody_paid_on_is_archived(status: ProgramStatus) -> None:
    unpaid = replace(READY, status=status, is_paid=False)
    assert refusal("archive", unpaid) is None
    assert "under way" in str(refusal("archive", replace(unpaid, is_under_way=True)))
    assert "cancel it instead" in str(refusal("archive", replace(unpaid, is_paid=True)))
    assert "cancel it instead" in str(refusal("archive", replace(unpaid, status="active")))


def test_a_renewal_is_made_once_from_ninety_days_before_the_end() -> None:
    assert refusal("renew", READY) is None
    assert "90 days" in str(refusal("renew", replace(READY, last_expiration=TODAY + RENEWABLE + timedelta(days=1))))
    assert "already" in str(refusal("renew", replace(READY, is_renewed=True)))


def test_what_else_an_action_needs() -> None:
    for action, change, words in (
        ("cancel", {"is_under_way": True}, "under way"),
        ("cancel", {"loan": "signed"}, "withdraw it first"),
        ("payoff_quote", {"loan": "paid_off"}, "no loan"),
        ("stop_autopay", {"is_on_autopay": False}, "off"),
        ("void_invoice", {"voidable": 0}, "Only an endorsement"),
        ("write_off", {"past_due": 0}, "past due"),
        ("change_due_date", {"movable": 0}, "No open invoice"),
        ("send_link", {"is_payable": False}, "Nothing waits"),
        ("refund", {"is_paid": False}, "Nothing was paid"),
    ):
        assert words in str(refusal(action, replace(READY, **change)))  # type: ignore[arg-type]


def test_a_forbidden_action_is_an_error_with_its_reason() -> None:
    check_action("cancel", READY)
    with pytest.raises(IllegalMove, match="is not archived"):
        check_action("unarchive", READY)
