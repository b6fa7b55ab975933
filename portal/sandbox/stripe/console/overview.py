"""The page at /: what happened, for people; with buttons for the clock and the faults."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, render_template, request

from portal.sandbox.stripe.agenda import own_call
from portal.sandbox.stripe.console.actions import OF_KIND, Action, of_payment
from portal.sandbox.stripe.console.controls import machine
from portal.sandbox.stripe.delivery import deliveries_of
from portal.sandbox.stripe.resources import ENDPOINTS, balance_transactions
from portal.sandbox.stripe.resources.banks import ACCOUNTS
from portal.sandbox.stripe.resources.cards import CARDS
from portal.sandbox.stripe.state.objects import Json, from_row
from portal.sandbox.stripe.wire import faults

pages = Blueprint("overview", __name__, template_folder="templates")

INTENTS_SHOWN, LATER_SHOWN, EVENTS_SHOWN = 50, 20, 60
LATEST = "SELECT * FROM object WHERE kind = ? AND (? = '' OR account = ?) ORDER BY seq DESC LIMIT ?"
LATER = (
    "SELECT * FROM object WHERE kind IN ('refund', 'dispute', 'payout') AND (? = '' OR account = ?) "
    "ORDER BY seq DESC LIMIT ?"
)
DISPUTED = "SELECT json_extract(body, '$.payment_intent') AS intent FROM object WHERE kind = 'dispute'"
IN_ONE_WORD = {
    "requires_payment_method": "waiting",
    "requires_confirmation": "waiting",
    "requires_action": "3-D Secure",
    "requires_capture": "authorized",
    "warning_needs_response": "inquiry",
    "warning_under_review": "inquiry",
    "warning_closed": "inquiry closed",
    "needs_response": "waiting",
    "under_review": "waiting",
    "in_transit": "on its way",
}


@dataclass(frozen=True)
class IntentRow:
    """One payment as the page shows it."""

    account: str
    body: Json
    word: str
    why: str
    actions: list[Action]


@dataclass(frozen=True)
class LaterRow:
    """A refund, a dispute or a payout."""

    account: str
    body: Json
    word: str
    about: str
    actions: list[Action]


@dataclass(frozen=True)
class Balance:
    """What an account has, in cents."""

    account: str
    available_cents: int
    pending_cents: int


@dataclass(frozen=True)
class EventRow:
    """One event with its deliveries."""

    account: str
    body: Json
    deliveries: list[sqlite3.Row]


def dollars(cents: int) -> str:
    """Cents for people: 123456 is 1,234.56."""
    return f"{cents / 100:,.2f}"


def clock_time(seconds: int) -> str:
    """A time in UTC for people."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%b %-d, %H:%M:%S")


def intent_row(row: sqlite3.Row, disputed: set[str]) -> IntentRow:
    """One payment: `declined` and `waiting` are the same status at Stripe, not to a reader."""
    body = from_row(row).body
    error = body["last_payment_error"]
    status = str(body["status"])
    word = IN_ONE_WORD.get(status, status)
    if status == "requires_payment_method" and error:
        word = "declined"
    action = (body["next_action"] or {}).get("type")
    if action == "verify_with_microdeposits":
        word = "small deposits"
    return IntentRow(
        row["account"], body, word, error["message"] if error else "", of_payment(body, disputed=body["id"] in disputed)
    )


def later_row(row: sqlite3.Row) -> LaterRow:
    """A refund, dispute or payout, with what it is about."""
    body = from_row(row).body
    status = str(body["status"])
    about = body.get("charge") or body.get("reconciliation_status", "").replace("_", " ")
    return LaterRow(row["account"], body, IN_ONE_WORD.get(status, status), about, OF_KIND[row["kind"]](body))


def balance_of(connection: sqlite3.Connection, account: str, now: int) -> Balance:
    """An account's money, available and pending."""
    call = own_call(connection, account, now)
    available = balance_transactions.available_cents(call)
    return Balance(account, available, balance_transactions.sum_of(call, "1", ()) - available)


@pages.get("/")
def show() -> str:
    """Everything on one page; `?account=` narrows it, `?part=live` answers only what changes."""
    account = request.args.get("account", "")
    running = machine()
    with running.store.reading() as connection:
        accounts = [row["account"] for row in connection.execute("SELECT DISTINCT account FROM object ORDER BY 1")]
        shown = [account] if account else accounts
        balances = [balance_of(connection, name, running.clock.now()) for name in shown]
        disputed = {str(row["intent"]) for row in connection.execute(DISPUTED)}
        later = connection.execute(LATER, (account, account, LATER_SHOWN)).fetchall()
        intents = connection.execute(LATEST, ("payment_intent", account, account, INTENTS_SHOWN)).fetchall()
        found = connection.execute(LATEST, ("event", account, account, EVENTS_SHOWN)).fetchall()
        sent = deliveries_of(connection, [row["id"] for row in found])
        active = connection.execute("SELECT * FROM fault WHERE remaining IS NULL OR remaining > 0").fetchall()
    return render_template(
        "_live.html" if request.args.get("part") == "live" else "overview.html",
        account=account,
        accounts=accounts,
        intents=[intent_row(row, disputed) for row in intents],
        events=[EventRow(row["account"], from_row(row).body, sent.get(row["id"], [])) for row in found],
        later=[later_row(row) for row in later],
        balances=balances,
        active=active,
        kinds=faults.KINDS,
        endpoints=[endpoint.name for endpoint in ENDPOINTS],
        cards=CARDS,
        bank_accounts=ACCOUNTS,
        now=running.clock.now(),
        offset=running.clock.offset_seconds,
        per_second=running.limits.per_second,
        dollars=dollars,
        clock_time=clock_time,
    )
