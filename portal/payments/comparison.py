"""Each night: what the processor says it did, against what the books say. Differences are for staff; nothing changes.

The protocol and the hourly reading should leave none. This looks from the other side: by what the processor lists.
"""

from collections import Counter
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import and_, exists, func, or_, select

from portal.core.db import run_unit
from portal.core.one_by_one import one_by_one
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import PROCESSOR_CLEARING
from portal.payments.balance_models import BalanceTransaction
from portal.payments.balance_transactions import post_open, read_balance
from portal.payments.models import Payment
from portal.payments.processor_books import BalanceSeen, ChargeSeen
from portal.payments.till import Till

LOOK_BACK = timedelta(days=14)
"""A bank debit is charged up to ten days before it succeeds."""
SETTLING = timedelta(hours=1)
"""What is younger may still be on its way into the books."""
MOVEMENT_WITHIN = timedelta(days=1)


def compare(till: Till) -> Counter[str]:
    """Compare the last two weeks; how many differences of each kind there are.

    Raises:
        GatewayError: the processor could not be asked; the next night compares the same days again.
        ExceptionGroup: some movements could not be posted; all else is compared.
    """
    at = till.now()
    read_balance(till)
    since = at - LOOK_BACK
    charges = [each for each in till.gateway.charges_since(since) if each.created_at < at - SETTLING]
    movements = list(till.gateway.balance_since(since))
    differences: Counter[str] = Counter()

    def look() -> None:
        differences.update(run_unit(partial(_compare, till, charges, movements, at)))

    one_by_one([partial(post_open, till), look])
    return differences


def _compare(till: Till, charges: list[ChargeSeen], movements: list[BalanceSeen], at: datetime) -> Counter[str]:
    ours = [each for each in charges if each.metadata.get("agency_id") == str(till.agency_id)]
    with till.writing() as session:
        return Counter(
            charges=_charges(session, till.account, ours, at),
            twice=_charged_twice(session, ours, at),
            movements=_movements(session, till.account, movements, at),
            entries=_entries(session, at),
        )


def _charges(session: Scoped, account: str, charges: list[ChargeSeen], at: datetime) -> int:
    """Charges of ours that no succeeded payment has, with that amount."""
    query = select(Payment.charge_id, Payment.charged_cents).where(
        Payment.account == account,
        Payment.state == "succeeded",
        Payment.charge_id.in_([each.id for each in charges]),
    )
    paid = dict(session.execute(query).all())
    wrong = [each for each in charges if paid.get(each.id) != each.amount_cents]
    for each in wrong:
        reference = each.metadata.get("reference", "")
        open_task(session, "comparison.charge", each.id, at, amount_cents=each.amount_cents, payment=reference)
    return len(wrong)


def _charged_twice(session: Scoped, charges: list[ChargeSeen], at: datetime) -> int:
    """Payments for which the processor has charged more than once."""
    counts = Counter(each.metadata.get("reference", each.id) for each in charges)
    twice = [reference for reference, times in counts.items() if times > 1]
    for reference in twice:
        cents = sum(each.amount_cents for each in charges if each.metadata.get("reference") == reference)
        open_task(session, "comparison.twice", reference, at, amount_cents=cents)
    return len(twice)


def _movements(session: Scoped, account: str, movements: list[BalanceSeen], at: datetime) -> int:
    """Movements of the balance that are not kept here as the processor lists them."""
    query = select(
        BalanceTransaction.transaction_id, BalanceTransaction.amount_cents, BalanceTransaction.fee_cents
    ).where(BalanceTransaction.account == account)
    kept = {
        row.transaction_id: (row.amount_cents, row.fee_cents)
        for row in session.execute(query.where(BalanceTransaction.created_at >= at - LOOK_BACK - SETTLING))
    }
    wrong = [
        each
        for each in movements
        if each.created_at < at - SETTLING and kept.get(each.id) != (each.amount_cents, each.fee_cents)
    ]
    for each in wrong:
        open_task(session, "comparison.movement", each.id, at, what=each.kind, amount_cents=each.amount_cents)
    return len(wrong)


def _entries(session: Scoped, at: datetime) -> int:
    """Entries at the processor for which it has not shown a movement within a day: money that may not be there."""
    has_movement = exists().where(
        BalanceTransaction.agency_id == JournalEntry.agency_id,
        or_(
            and_(BalanceTransaction.entry_kind == JournalEntry.kind, BalanceTransaction.entry_ref == JournalEntry.ref),
            BalanceTransaction.transaction_id == JournalEntry.ref,
        ),
    )
    query = (
        select(
            JournalEntry.kind,
            JournalEntry.ref,
            func.sum(JournalLine.debit_cents - JournalLine.credit_cents).label("cents"),
        )
        .join(JournalLine, JournalLine.entry_id == JournalEntry.id)
        .where(
            JournalLine.account == PROCESSOR_CLEARING,
            JournalEntry.posted_at > at - LOOK_BACK,
            JournalEntry.posted_at < at - MOVEMENT_WITHIN,
            ~has_movement,
        )
        .group_by(JournalEntry.kind, JournalEntry.ref)
    )
    rows = session.execute(query).all()
    for kind, ref, cents in rows:
        open_task(session, "comparison.entry", f"{kind} {ref}", at, what=kind, amount_cents=int(cents))
    return len(rows)
