"""Reminders and payment links that staff send, to start a test from."""

from datetime import date
from typing import Any

from portal.core.tenancy import Scoped
from portal.programs.models import Program
from portal.servicing.reminders.models import LinkSequence, Reminder
from tests.factories.people import BEGINNING

FIRST_DAY = date(2026, 7, 1)


def make_sequence(session: Scoped, program: Program, **more: Any) -> LinkSequence:
    """A payment link that is sent on three days, from July 1 on."""
    values: dict[str, Any] = {
        "program_id": program.id,
        "first_on": FIRST_DAY,
        "days": "0,2,4",
        "due_until": date(2026, 8, 1),
        "started_by": "sam@harbor.example",
        "started_at": BEGINNING,
    }
    sequence = LinkSequence(**(values | more))
    session.add(sequence)
    session.flush()
    return sequence


def make_reminder(session: Scoped, program: Program, **more: Any) -> Reminder:
    """A reminder of a program that went to one address."""
    values: dict[str, Any] = {
        "key": f"program:{program.id}:{FIRST_DAY}",
        "kind": "upcoming",
        "program_id": program.id,
        "day": FIRST_DAY,
        "decided_at": BEGINNING,
        "cents": 100_000,
        "addresses": 1,
    }
    reminder = Reminder(**(values | more))
    session.add(reminder)
    session.flush()
    return reminder
