"""What must be true on a day, worked out of what was signed and of the processor's own books alone.

The rules are those of the product's description: its statuses, "Processing is neither paid nor due", "fees 5 days after
the due date". Nothing is read from the portal's database but what it makes itself: the invoices of fees, and notices.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.faults.year_people import Household, Owed

PENDING = frozenset({"processing"})


@dataclass
class Truth:
    """What the processor says of one agency.

    Args:
        paid_cents: invoice -> what was charged for it and not taken back.
        under_way: invoices for which a bank is being asked.
        charged: invoice -> how many charges for it succeeded and were not taken back.
        given_back: invoices of which a charge was taken back.
        begun: invoice -> when the portal first made an intent for it by itself, in seconds.
        by_autopay: invoice -> how many intents the portal made for it by itself.
        debits: intent -> its invoices, while a bank is being asked.
        debited: intent -> its invoices and when it was begun, in seconds; of debits that a bank has paid and kept paid.
        tried: invoice -> how many intents there were for it.
    """

    paid_cents: Counter[int] = field(default_factory=Counter)
    under_way: set[int] = field(default_factory=set)
    charged: Counter[int] = field(default_factory=Counter)
    begun: dict[int, int] = field(default_factory=dict)
    by_autopay: Counter[int] = field(default_factory=Counter)
    given_back: set[int] = field(default_factory=set)
    debits: dict[str, set[int]] = field(default_factory=dict)
    debited: dict[str, tuple[set[int], int]] = field(default_factory=dict)
    tried: Counter[int] = field(default_factory=Counter)


def read_truth(found: Mapping[str, Sequence[Mapping[str, Any]]] | None) -> Truth:
    """Sum up the processor's books."""
    truth = Truth()
    if found is None:
        return truth
    taken_back = {each["payment_intent"] for each in found["disputes"] if _moved(each) < 0}
    for intent in found["payment_intents"]:
        about = intent["metadata"]
        shares = dict(zip(_numbers(about["invoice_ids"]), _numbers(about["invoice_cents"]), strict=True))
        truth.tried.update(shares.keys())
        if intent["status"] in PENDING:
            truth.under_way |= shares.keys()
            truth.debits[intent["id"]] = set(shares)
        if intent["customer"]:  # those who pay by the link have none
            truth.by_autopay.update(shares.keys())
            truth.begun = dict.fromkeys(shares, intent["created"]) | truth.begun
        if intent["amount_received"]:
            if intent["id"] in taken_back:
                truth.given_back |= shares.keys()
                continue
            truth.charged.update(shares.keys())
            truth.paid_cents.update(shares)
            if intent["payment_method_types"] == ["us_bank_account"]:
                truth.debited[intent["id"]] = set(shares), intent["created"]
    return truth


def expected_status(
    household: Household, fees: Iterable[Owed], truth: Truth, today: date, noticed_through: date | None
) -> str:
    """The status of a program.

    Args:
        noticed_through: a notice of intent to cancel is out, for what was due by this day.
    """
    if household.canceled_on is not None:
        return "canceled"
    owed = [household.down, *household.installments, *fees]
    is_bound = truth.paid_cents[household.down.invoice_id] >= household.down.cents
    unpaid = [one for one in owed if truth.paid_cents[one.invoice_id] < one.cents]
    if not unpaid:
        return "completed" if is_bound and household.expires <= today else "active"
    waiting = [one for one in unpaid if one.invoice_id not in truth.under_way]
    if not is_bound:
        return "payment_due" if waiting else "processing"
    named = [one for one in unpaid if noticed_through is not None and one.due_date <= noticed_through]
    if named := [one for one in named if one in household.installments]:
        return "pending_cancelation" if any(one in waiting for one in named) else "processing"
    return "overdue" if any(one.due_date < today for one in waiting) else "active"


def charged_early(household: Household, truth: Truth) -> list[Owed]:
    """What autopay charged before its day, by the agency's calendar."""
    zone = ZoneInfo(household.desk.agency.time_zone)
    begun = {number: datetime.fromtimestamp(seconds, zone).date() for number, seconds in truth.begun.items()}
    return [one for one in household.installments if begun.get(one.invoice_id, one.due_date) < one.due_date]


def untried(household: Household, truth: Truth, today: date) -> list[Owed]:
    """What autopay should have charged by the end of a day on which the worker was at work, and never tried."""
    if not household.is_on_autopay or household.canceled_on is not None:
        return []
    return [
        one
        for one in household.installments
        if one.due_date <= today
        and truth.paid_cents[one.invoice_id] < one.cents
        and one.invoice_id not in truth.under_way
        and not truth.by_autopay[one.invoice_id]
    ]


def earned_installments(household: Household, today: date) -> int:
    """How many periods of the loan are over, whose interest is earned: none before it is bound."""
    return sum(one.due_date <= today for one in household.installments)


def _numbers(written: str) -> list[int]:
    return [int(number) for number in written.split(",")]


def _moved(dispute: Mapping[str, Any]) -> int:
    return sum(each["amount"] for each in dispute["balance_transactions"])
