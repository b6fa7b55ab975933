"""What follows by itself on a day: said in one shape by each rule that does something, for its run and for staff."""

from dataclasses import dataclass
from datetime import date

from portal.core.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One step of one program or one-time payment.

    Each of autopay, reminders, and fees and notices has a `planned(session, day)` that lists its own steps of that
    day. Its run does what the same function says: what staff see beforehand is no second copy of the rule.

    Args:
        step: a stable name, of its rule and what it does: "reminder.3", "autopay.charge", "late_fee".
        what: the same for staff.
        on: the day at the agency.
        insured_id: whose it is.
        program_id: None for a one-time payment.
        invoice_ids: which invoices it is about, those due first in front.
        cents: what is asked for, charged or added.
        to: the addresses that are written to, one mail each; empty if it sends none, or knows none that works.
    """

    step: str
    what: Text
    on: date
    insured_id: int
    program_id: int | None
    invoice_ids: tuple[int, ...]
    cents: int
    to: tuple[str, ...] = ()
