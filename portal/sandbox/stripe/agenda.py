"""Does what the diary says, each thing at its second: on each look of the background thread and of the clock."""

import sqlite3
from collections.abc import Callable

from portal.sandbox.stripe.resources import debits, disputes, payouts, refunds, verifying
from portal.sandbox.stripe.state import diary
from portal.sandbox.stripe.state.objects import AccountObjects, new_id
from portal.sandbox.stripe.wire.endpoint import Call
from portal.sandbox.stripe.wire.pipeline import Machine

DOING: dict[str, Callable[[Call, str], None]] = {
    "debit_returns": debits.on_returning_day,
    "debit_settles": debits.on_settling_day,
    "dispute_unanswered": disputes.on_last_day,
    "microdeposits_over": verifying.on_last_day,
    "payout": payouts.on_midnight,
    "payout_arrives": payouts.on_arrival,
    "payout_reconciled": payouts.on_reconciled,
    "refund_fails": refunds.on_failing_day,
    "refund_settles": refunds.on_settling_day,
}


def own_call(connection: sqlite3.Connection, account: str, now: int) -> Call:
    """What the stand-in does by itself, or because somebody pressed a button, as a call inside one transaction."""
    objects = AccountObjects(connection, account)
    return Call(account=account, secret=True, objects=objects, now=now, origin="", request_id=new_id("req"))


def catch_up(machine: Machine) -> int:
    """Do everything that is due by now, oldest first, and return how much that was."""
    done = 0
    while True:
        with machine.store.reading() as connection:
            if not diary.any_due(connection, machine.clock.now()):
                return done
        with machine.store.writing() as connection:
            entry = diary.take(connection, machine.clock.now())
            if entry is not None:
                DOING[entry.kind](own_call(connection, entry.account, entry.at), entry.subject)
        machine.news.set()
        done += 1
