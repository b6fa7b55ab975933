"""Which entry of the books holds what a movement of the processor's balance brought or took.

Charges are posted when their payment succeeds, payouts when they are taken, refunds and disputes movement by movement
when they are applied: a movement is matched with that entry. What belongs to nothing of ours, a fee or a reserve, gets
an entry of its own (`OWN`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import select

from portal.core.tenancy import Scoped
from portal.ledger.models import JournalEntry
from portal.ledger.postings import Entry
from portal.ledger.processor_postings import processor_fee, reserve_held
from portal.payments.balance_models import BalanceTransaction, ProcessorPayout
from portal.payments.models import Payment
from portal.payments.transitions import UNDER_WAY


@dataclass(frozen=True, slots=True)
class EntryName:
    """An entry of the journal by its unique name; `holds_fee` when it holds the processor's fee besides."""

    kind: str
    ref: str
    holds_fee: bool = False


Match = EntryName | Literal["under way", "unknown"]
"""The entry that holds it; or its payment, refund or payout has not come so far; or nothing of ours."""

OWN: Mapping[str, Callable[[str, int, date], Entry]] = {
    "stripe_fee": processor_fee,
    "stripe_fx_fee": processor_fee,
    "tax_fee": processor_fee,
    "reserve_transaction": reserve_held,
    "reserve_hold": reserve_held,
    "reserve_release": reserve_held,
    "reserved_funds": reserve_held,
}
"""Types of movements that belong to nothing else. Source: https://docs.stripe.com/reports/balance-transaction-types"""


TAKEN_BACK_BY = {"charge": "payment_failure_refund", "payment": "payment_failure_refund"}
"""What takes a charge back before it was ours: a bank debit that fails on its way."""
MONEY_BACK = ("refund_moved", "dispute_withdrawn", "dispute_reinstated")
"""Entries of refunds and disputes; their reference is the movement's own number."""


def match(session: Scoped, row: BalanceTransaction) -> Match:
    """What a movement belongs to, by its type and source."""
    find = FINDERS.get(row.kind)
    return find(session, row) if find is not None else "unknown"


def _of_charge(session: Scoped, row: BalanceTransaction) -> Match:
    query = select(Payment).where(Payment.account == row.account, Payment.charge_id == row.source_id)
    payment = session.scalars(query).one_or_none()
    if payment is None:
        return "unknown"
    if payment.state == "succeeded":
        return EntryName("charge", str(payment.id))
    return "under way" if payment.state in UNDER_WAY else "unknown"


def _of_payout(session: Scoped, row: BalanceTransaction) -> Match:
    query = select(ProcessorPayout).where(
        ProcessorPayout.account == row.account, ProcessorPayout.payout_id == row.source_id
    )
    payout = session.scalars(query).one_or_none()
    if payout is None:
        return "unknown"
    if row.kind == "payout":
        return "under way" if payout.booked == "none" else EntryName("payout_created", payout.payout_id)
    return EntryName("payout_failed", payout.payout_id) if payout.booked == "failed" else "under way"


def _of_money_back(session: Scoped, row: BalanceTransaction) -> Match:
    query = select(JournalEntry.kind).where(JournalEntry.kind.in_(MONEY_BACK), JournalEntry.ref == row.transaction_id)
    kind = session.scalars(query).one_or_none()
    return "unknown" if kind is None else EntryName(kind, row.transaction_id, holds_fee=True)


def _of_failed_debit(_session: Scoped, _row: BalanceTransaction) -> Match:
    return "unknown"


FINDERS: Mapping[str, Callable[[Scoped, BalanceTransaction], Match]] = {
    "charge": _of_charge,
    "payment": _of_charge,
    "payment_failure_refund": _of_failed_debit,
    "refund": _of_money_back,
    "refund_failure": _of_money_back,
    "payment_refund": _of_money_back,
    "payment_reversal": _of_money_back,
    "adjustment": _of_money_back,
    "payout": _of_payout,
    "payout_failure": _of_payout,
    "payout_cancel": _of_payout,
}
