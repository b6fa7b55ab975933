"""Which action of staff a program allows now: one table of statuses, and what each needs besides. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from portal.core.errors import IllegalMove
from portal.core.text import Text, text
from portal.programs.lifecycle import ProgramStatus

Action = Literal[
    "edit",
    "send_link",
    "assist",
    "record_payment",
    "refund",
    "change_due_date",
    "endorse",
    "confirm_return",
    "payoff_quote",
    "renew",
    "stop_autopay",
    "void_invoice",
    "write_off",
    "cancel",
    "reinstate",
    "archive",
    "unarchive",
]
ACTIONS: tuple[Action, ...] = get_args(Action)
RENEWABLE = timedelta(days=90)
"""So long before the last policy expires a program can be renewed."""


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """What the table needs of a program.

    Args:
        is_under_way: a payment holds one of its invoices.
        is_payable: something of it waits for the insured's money: open, and no payment holds it.
        is_paid: something was paid on it, here or before.
        loan: state of its agreement; None where nothing is signed that was not withdrawn.
        last_expiration: of its policies; None without one.
        is_renewed: a renewal was made of it.
        can_reinstate: it was canceled for non-payment, and no offer to reinstate is open.
        movable, voidable, past_due: how many of its invoices can get another due date, be voided, be written off.
        waiting_credits: endorsements whose premium comes back once the carrier has confirmed it.
    """

    status: ProgramStatus
    today: date
    is_under_way: bool
    is_payable: bool
    is_paid: bool
    is_on_autopay: bool
    loan: str | None
    last_expiration: date | None
    is_renewed: bool
    can_reinstate: bool
    movable: int
    voidable: int
    past_due: int
    waiting_credits: int


@dataclass(frozen=True, slots=True)
class Rule:
    """When an action is allowed: in which statuses, and what must hold besides, each with the reason when it does not.

    Args:
        instead: what to do instead, by status; else the status itself is the reason.
    """

    statuses: frozenset[str]
    needs: tuple[tuple[Callable[[ActionFacts], bool], Text], ...] = ()
    instead: tuple[tuple[str, Text], ...] = ()


_IN_FORCE = frozenset({"processing", "active", "endorsement_due", "overdue", "pending_cancelation"})
_BILLED = _IN_FORCE | {"payment_due", "canceled", "reinstatement_due", "completed"}
_WAIT = text("A payment is under way; wait until it is through.")
_PAYABLE: tuple[tuple[Callable[[ActionFacts], bool], Text], ...] = (
    (lambda facts: facts.is_payable, text("Nothing waits to be paid.")),
)
_NOT_UNDER_WAY: tuple[Callable[[ActionFacts], bool], Text] = (lambda facts: not facts.is_under_way, _WAIT)

RULES: dict[Action, Rule] = {
    "edit": Rule(
        _BILLED | {"incomplete"}, instead=(("archived", text("It is archived: take it out of the archive first.")),)
    ),
    "send_link": Rule(_BILLED, _PAYABLE),
    "assist": Rule(_BILLED, _PAYABLE),
    "record_payment": Rule(_BILLED, _PAYABLE),
    "refund": Rule(_BILLED | {"archived"}, ((lambda facts: facts.is_paid, text("Nothing was paid.")),)),
    "change_due_date": Rule(
        _IN_FORCE | {"payment_due", "canceled"},
        (
            (
                lambda facts: facts.movable > 0,
                text("No open invoice can get another day: a payment is under way, or the signed agreement sets it."),
            ),
        ),
    ),
    "endorse": Rule(
        (_IN_FORCE - {"pending_cancelation"}) | {"completed"},
        instead=(
            ("payment_due", text("Nothing is paid yet: change the program itself.")),
            ("incomplete", text("It is a draft: change the program itself.")),
        ),
    ),
    "confirm_return": Rule(
        _IN_FORCE | {"completed"},
        (
            (lambda facts: facts.waiting_credits > 0, text("No premium waits to come back.")),
            _NOT_UNDER_WAY,
        ),
    ),
    "payoff_quote": Rule(_IN_FORCE, ((lambda facts: facts.loan == "bound", text("It has no loan that runs.")),)),
    "renew": Rule(
        _IN_FORCE | {"completed"},
        (
            (lambda facts: not facts.is_renewed, text("It is renewed already.")),
            (
                lambda facts: facts.last_expiration is not None and facts.last_expiration <= facts.today + RENEWABLE,
                text("It can be renewed from 90 days before its last policy expires."),
            ),
        ),
    ),
    "stop_autopay": Rule(_BILLED, ((lambda facts: facts.is_on_autopay, text("Autopay is off.")),)),
    "void_invoice": Rule(
        _BILLED,
        (
            (
                lambda facts: facts.voidable > 0,
                text("Only an endorsement that nobody has paid on, or is paying, can be voided."),
            ),
        ),
    ),
    "write_off": Rule(
        _BILLED, ((lambda facts: facts.past_due > 0, text("Nothing is past due that nobody is paying.")),)
    ),
    "cancel": Rule(
        (_IN_FORCE - {"processing"}) | {"payment_due"},
        (
            _NOT_UNDER_WAY,
            (
                lambda facts: facts.loan != "signed",
                text("Its agreement waits for the down payment: withdraw it first."),
            ),
        ),
    ),
    "reinstate": Rule(
        frozenset({"canceled"}),
        ((lambda facts: facts.can_reinstate, text("Only what was canceled for non-payment can be reinstated.")),),
    ),
    "archive": Rule(
        frozenset({"payment_due", "incomplete"}),
        (_NOT_UNDER_WAY, (lambda facts: not facts.is_paid, text("Something was paid on it: cancel it instead."))),
        instead=tuple((status, text("Something was paid on it: cancel it instead.")) for status in sorted(_IN_FORCE)),
    ),
    "unarchive": Rule(
        frozenset({"archived"}),
        instead=tuple((status, text("It is not archived.")) for status in sorted(_BILLED | {"incomplete"})),
    ),
}
"""The table."""

STANDS: dict[str, Text] = {
    "incomplete": text("It is a draft: nothing is billed yet."),
    "payment_due": text("Nothing is paid yet."),
    "processing": _WAIT,
    "active": text("It is in force."),
    "endorsement_due": text("It is in force."),
    "overdue": text("It is in force."),
    "pending_cancelation": text("A notice of cancelation runs."),
    "canceled": text("It is canceled."),
    "reinstatement_due": text("It is canceled, and a reinstatement is offered."),
    "completed": text("Its policies have ended, and everything is paid."),
    "archived": text("It is archived."),
}
"""Why a status forbids an action, where the table says nothing more exact."""


def refusal(action: Action, facts: ActionFacts) -> Text | None:
    """Why an action is not allowed now; None when it is."""
    rule = RULES[action]
    if facts.status not in rule.statuses:
        return dict(rule.instead).get(facts.status, STANDS[facts.status])
    return next((reason for holds, reason in rule.needs if not holds(facts)), None)


def check_action(action: Action, facts: ActionFacts) -> None:
    """Let an allowed action pass.

    Raises:
        IllegalMove: the table does not allow it; the message says why.
    """
    reason = refusal(action, facts)
    if reason is not None:
        raise IllegalMove(reason)
