"""The page at /: what happened, for people; with buttons for the clock and the faults."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, render_template, request

from portal.sandbox.stripe.console.controls import machine
from portal.sandbox.stripe.delivery import deliveries_of
from portal.sandbox.stripe.resources import ENDPOINTS
from portal.sandbox.stripe.resources.cards import CARDS
from portal.sandbox.stripe.state.objects import Json, from_row
from portal.sandbox.stripe.wire import faults

pages = Blueprint("overview", __name__, template_folder="templates", static_folder="static", static_url_path="/console")

INTENTS_SHOWN, EVENTS_SHOWN = 50, 60
LATEST = "SELECT * FROM object WHERE kind = ? AND (? = '' OR account = ?) ORDER BY seq DESC LIMIT ?"
IN_ONE_WORD = {
    "requires_payment_method": "waiting",
    "requires_confirmation": "waiting",
    "requires_action": "3-D Secure",
    "requires_capture": "authorized",
}


@dataclass(frozen=True)
class IntentRow:
    """One payment as the page shows it."""

    account: str
    body: Json
    word: str
    why: str


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


def intent_row(row: sqlite3.Row) -> IntentRow:
    """One payment: `declined` and `waiting` are the same status at Stripe, not to a reader."""
    body = from_row(row).body
    error = body["last_payment_error"]
    status = str(body["status"])
    word = IN_ONE_WORD.get(status, status)
    if status == "requires_payment_method" and error:
        word = "declined"
    return IntentRow(row["account"], body, word, error["message"] if error else "")


@pages.get("/")
def show() -> str:
    """Everything on one page; `?account=` narrows it, `?part=live` answers only what changes."""
    account = request.args.get("account", "")
    running = machine()
    with running.store.reading() as connection:
        accounts = [row["account"] for row in connection.execute("SELECT DISTINCT account FROM object ORDER BY 1")]
        intents = connection.execute(LATEST, ("payment_intent", account, account, INTENTS_SHOWN)).fetchall()
        found = connection.execute(LATEST, ("event", account, account, EVENTS_SHOWN)).fetchall()
        sent = deliveries_of(connection, [row["id"] for row in found])
        active = connection.execute("SELECT * FROM fault WHERE remaining IS NULL OR remaining > 0").fetchall()
    return render_template(
        "_live.html" if request.args.get("part") == "live" else "overview.html",
        account=account,
        accounts=accounts,
        intents=[intent_row(row) for row in intents],
        events=[EventRow(row["account"], from_row(row).body, sent.get(row["id"], [])) for row in found],
        active=active,
        kinds=faults.KINDS,
        endpoints=[endpoint.name for endpoint in ENDPOINTS],
        cards=CARDS,
        now=running.clock.now(),
        offset=running.clock.offset_seconds,
        per_second=running.limits.per_second,
        dollars=dollars,
        clock_time=clock_time,
    )
