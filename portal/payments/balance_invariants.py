"""What must hold between the processor's balance, its payouts and the books."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, exists, func, literal, or_, select

from portal.core.invariants import Invariant
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import PAYOUT_IN_TRANSIT, PROCESSOR_CLEARING, TRUST_BANK
from portal.payments.balance_models import BalanceTransaction, ProcessorPayout

FEE = "transaction_fee"
BESIDE = (FEE, "unexplained", "explained")
"""What is posted of a movement besides the entry that holds its amount: its fee, and its way in and out of suspense."""
_debits = JournalLine.debit_cents - JournalLine.credit_cents
_line_of_entry = and_(JournalEntry.id == JournalLine.entry_id, JournalEntry.agency_id == JournalLine.agency_id)


def _sum(account: str, of: Any, *where: ColumnElement[bool]) -> ScalarSelect[int]:
    return (
        select(func.coalesce(func.sum(_debits), 0))
        .join(JournalEntry, _line_of_entry)
        .where(JournalEntry.agency_id == of.agency_id, JournalLine.account == account, *where)
        .correlate(of)
        .scalar_subquery()
    )


_amount_booked = _sum(
    PROCESSOR_CLEARING,
    BalanceTransaction,
    JournalEntry.kind == BalanceTransaction.entry_kind,
    JournalEntry.ref == BalanceTransaction.entry_ref,
)
_booked_beside = _sum(
    PROCESSOR_CLEARING,
    BalanceTransaction,
    JournalEntry.kind.in_(BESIDE),
    JournalEntry.kind != BalanceTransaction.entry_kind,
    JournalEntry.ref == BalanceTransaction.transaction_id,
)


def _of_payout(account: str, kinds: Sequence[str]) -> ScalarSelect[int]:
    where = JournalEntry.kind.in_(kinds), JournalEntry.ref == ProcessorPayout.payout_id
    return _sum(account, ProcessorPayout, *where)


_STEPS = ("payout_created", "payout_paid", "payout_failed")
_in_transit, _at_bank = _of_payout(PAYOUT_IN_TRANSIT, _STEPS), _of_payout(TRUST_BANK, _STEPS)
_nets = (
    select(func.coalesce(func.sum(BalanceTransaction.net_cents), 0))
    .where(BalanceTransaction.state != "waiting")
    .scalar_subquery()
)
_of_a_movement = or_(
    exists().where(
        BalanceTransaction.agency_id == JournalEntry.agency_id,
        BalanceTransaction.entry_kind == JournalEntry.kind,
        BalanceTransaction.entry_ref == JournalEntry.ref,
    ),
    and_(
        JournalEntry.kind.in_(BESIDE),
        exists().where(
            BalanceTransaction.agency_id == JournalEntry.agency_id,
            BalanceTransaction.transaction_id == JournalEntry.ref,
            BalanceTransaction.state != "waiting",
        ),
    ),
)

INVARIANTS = [
    Invariant(
        "each movement of the processor's balance is in the books with its amount and its fee",
        select(BalanceTransaction.transaction_id, BalanceTransaction.net_cents, _amount_booked, _booked_beside).where(
            BalanceTransaction.state != "waiting",
            _amount_booked + _booked_beside != BalanceTransaction.net_cents,
        ),
    ),
    Invariant(
        "what movements of the processor's balance have brought is what the books hold there, each posted once",
        select(literal("net"), _nets, func.coalesce(func.sum(_debits), 0))
        .select_from(JournalLine)
        .join(JournalEntry, _line_of_entry)
        .where(JournalLine.account == PROCESSOR_CLEARING, _of_a_movement)
        .having(func.coalesce(func.sum(_debits), 0) != _nets),
    ),
    Invariant(
        "an entry made for a movement of the processor's balance has that movement",
        select(JournalEntry.kind, JournalEntry.ref).where(
            JournalEntry.kind.in_([FEE, "processor_fee", "reserve", "unexplained", "explained", "came_and_went"]),
            ~exists().where(
                BalanceTransaction.agency_id == JournalEntry.agency_id,
                BalanceTransaction.transaction_id == JournalEntry.ref,
                BalanceTransaction.state != "waiting",
            ),
        ),
    ),
    Invariant(
        "a payout is in the books as far as they have followed it",
        select(ProcessorPayout.payout_id, ProcessorPayout.booked, _in_transit, _at_bank).where(
            or_(
                _in_transit != case((ProcessorPayout.booked == "created", ProcessorPayout.amount_cents), else_=0),
                _at_bank != case((ProcessorPayout.booked == "paid", ProcessorPayout.amount_cents), else_=0),
            )
        ),
    ),
]
