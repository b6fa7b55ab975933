"""Draw the statements of a month: what the books came to know of each partner in it.

By when the books knew it, not by the day it is dated: so a statement never changes when something is entered late, and
each opening balance is the closing one before.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import String, cast, func, select

from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.partner_postings import COMMISSION_PAYABLE
from portal.ledger.postings import OWED
from portal.partners.models import Partner
from portal.payments.money_back.models import CreditEntry
from portal.programs.models import Policy
from portal.statements.models import Commission, PartnerPayout, PartnerStatement
from portal.statements.months import Month, aged, column_of

BATCH = 200
"""Partners in one unit."""
PAYOUT_KINDS = ("commission_paid", "commission_payout_returned")
_moved = func.sum(JournalLine.debit_cents - JournalLine.credit_cents)


def to_draw(session: Scoped, month: Month) -> list[int]:
    """The partners that have no statement of a month yet; those that were merged into others get none."""
    drawn = select(PartnerStatement.drawn_for).where(PartnerStatement.month == month.first)
    query = select(Partner.id).where(
        Partner.merged_into_id.is_(None), Partner.created_at < month.until_at, Partner.id.not_in(drawn)
    )
    return list(session.scalars(query.order_by(Partner.id)))


def draw(session: Scoped, partner_ids: Sequence[int], month: Month, at: datetime) -> list[PartnerStatement]:
    """Draw the statements of some partners; one about whom there is nothing to say gets none.

    Args:
        session: a write unit.
        partner_ids: up to some hundred.
        at: now, after the month's end.
    """
    movements = _movements(session, partner_ids, month)
    openings = _balances(session, partner_ids, month.from_at)
    open_invoices = _open_invoices(session, partner_ids, month)
    commissions = _commissions(session, partner_ids, month)
    payouts = _payouts(session, partner_ids, month)
    owed = _commission_owed(session, partner_ids, month.from_at)
    partners = session.scalars(select(Partner).where(Partner.id.in_(partner_ids)).order_by(Partner.id)).all()
    made = []
    for partner in partners:
        lines, earned = movements[partner.id], commissions[partner.id]
        sums = {column: sum(each["cents"] for each in lines if each["column"] == column) for column in _COLUMNS}
        accrued = sum(each["cents"] for each in earned)
        paid_out = sum(each["cents"] for each in payouts[partner.id])
        opening, owed_before = openings.get(partner.id, 0), owed.get(partner.id, 0)
        if not (lines or earned or payouts[partner.id] or opening or owed_before):
            continue
        row = PartnerStatement(
            partner_id=partner.id,
            drawn_for=partner.id,
            month=month.first,
            from_at=month.from_at,
            until_at=month.until_at,
            opening_cents=opening,
            invoiced_cents=sums["invoice"],
            paid_cents=-sums["payment"],
            credited_cents=-sums["credit"],
            closing_cents=opening + sum(sums.values()),
            commission_opening_cents=owed_before,
            commission_accrued_cents=accrued,
            commission_paid_cents=paid_out,
            commission_closing_cents=owed_before + accrued - paid_out,
            details={
                "partner": _address(partner),
                "lines": lines,
                "open": open_invoices[partner.id],
                "aging": aged(
                    ((date.fromisoformat(each["due"]), each["cents"]) for each in open_invoices[partner.id]),
                    month.last,
                ),
                "commissions": earned,
                "payouts": payouts[partner.id],
            },
            digest="",
            drawn_at=at,
        )
        row.digest = digest_of(row)
        made.append(row)
    session.add_all(made)
    session.flush()
    return made


_COLUMNS = ("invoice", "payment", "credit")
_FIGURES = (
    "opening_cents",
    "invoiced_cents",
    "paid_cents",
    "credited_cents",
    "closing_cents",
    "commission_opening_cents",
    "commission_accrued_cents",
    "commission_paid_cents",
    "commission_closing_cents",
)


def digest_of(row: PartnerStatement) -> str:
    """Over all that a statement says: its figures, its lines, its month."""
    said = [row.drawn_for, row.month.isoformat(), *(getattr(row, name) for name in _FIGURES), row.details]
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _balances(session: Scoped, ids: Sequence[int], before: datetime) -> dict[int, int]:
    """What each partner owed then, less its credit."""
    owed = (
        select(Invoice.partner_id, _moved)
        .join(JournalLine, JournalLine.invoice_id == Invoice.id)
        .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
        .where(Invoice.partner_id.in_(ids), JournalLine.account.in_(OWED), JournalEntry.posted_at < before)
        .group_by(Invoice.partner_id)
    )
    credit = (
        select(CreditEntry.partner_id, func.sum(CreditEntry.cents))
        .where(CreditEntry.partner_id.in_(ids), CreditEntry.at < before)
        .group_by(CreditEntry.partner_id)
    )
    found: dict[int, int] = defaultdict(int)
    for partner_id, cents in session.execute(owed):
        found[int(partner_id or 0)] += int(cents)
    for partner_id, cents in session.execute(credit):
        found[int(partner_id or 0)] -= int(cents)
    return found


def _movements(session: Scoped, ids: Sequence[int], month: Month) -> dict[int, list[dict[str, Any]]]:
    """Each movement of what is owed in the month, in order: an invoice at a time, and credit that is on none."""
    within = JournalEntry.posted_at >= month.from_at, JournalEntry.posted_at < month.until_at
    query = (
        select(
            Invoice.partner_id,
            JournalEntry.id,
            JournalEntry.kind,
            JournalEntry.booked_on,
            Invoice.number,
            _moved,
        )
        .join(JournalLine, JournalLine.invoice_id == Invoice.id)
        .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
        .where(Invoice.partner_id.in_(ids), JournalLine.account.in_(OWED), *within)
        .group_by(
            Invoice.partner_id,
            JournalEntry.id,
            JournalEntry.kind,
            JournalEntry.booked_on,
            Invoice.number,
        )
    )
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for partner_id, entry_id, kind, day, number, cents in session.execute(query):
        found[int(partner_id or 0)].append((day, entry_id, kind, number, int(cents)))
    credit = select(
        CreditEntry.partner_id, CreditEntry.booked_on, CreditEntry.id, CreditEntry.kind, CreditEntry.cents
    ).where(CreditEntry.partner_id.in_(ids), CreditEntry.at >= month.from_at, CreditEntry.at < month.until_at)
    for partner_id, day, row_id, kind, cents in session.execute(credit):
        found[int(partner_id or 0)].append((day, row_id, kind, "", -cents))
    said: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for partner_id, rows in found.items():
        said[partner_id] = [
            {
                "day": day.isoformat(),
                "kind": kind,
                "column": column_of(kind),
                "number": number,
                "cents": cents,
            }
            for day, _, kind, number, cents in sorted(rows, key=lambda row: (row[0], row[1], row[3]))
            if cents
        ]
    return said


def _open_invoices(session: Scoped, ids: Sequence[int], month: Month) -> dict[int, list[dict[str, Any]]]:
    """What is open at the month's end, an invoice at a time, the oldest first."""
    query = (
        select(Invoice.partner_id, Invoice.number, Invoice.due_date, _moved)
        .join(JournalLine, JournalLine.invoice_id == Invoice.id)
        .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
        .where(Invoice.partner_id.in_(ids), JournalLine.account.in_(OWED), JournalEntry.posted_at < month.until_at)
        .group_by(Invoice.partner_id, Invoice.id, Invoice.number, Invoice.due_date)
        .having(_moved != 0)
        .order_by(Invoice.due_date, Invoice.id)
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for partner_id, number, due, cents in session.execute(query):
        found[int(partner_id or 0)].append({"number": number, "due": due.isoformat(), "cents": int(cents)})
    return found


def _commissions(session: Scoped, ids: Sequence[int], month: Month) -> dict[int, list[dict[str, Any]]]:
    query = (
        select(Commission.partner_id, Commission.settled_on, Policy.id, Policy.policy_number, Commission.cents)
        .join(Policy, Policy.id == Commission.policy_id)
        .where(
            Commission.partner_id.in_(ids),
            Commission.accrued_at >= month.from_at,
            Commission.accrued_at < month.until_at,
            Commission.cents != 0,
        )
        .order_by(Commission.settled_on, Commission.id)
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for partner_id, day, policy_id, policy, cents in session.execute(query):
        found[partner_id].append({"day": day.isoformat(), "policy_id": policy_id, "policy": policy, "cents": cents})
    return found


def _payouts(session: Scoped, ids: Sequence[int], month: Month) -> dict[int, list[dict[str, Any]]]:
    """What was paid out in the month; negative for what came back."""
    query = (
        select(PartnerPayout, JournalEntry.booked_on, JournalLine.debit_cents - JournalLine.credit_cents)
        .join(JournalEntry, JournalEntry.ref == cast(PartnerPayout.id, String))
        .join(JournalLine, JournalLine.entry_id == JournalEntry.id)
        .where(
            PartnerPayout.partner_id.in_(ids),
            JournalEntry.kind.in_(PAYOUT_KINDS),
            JournalLine.account == COMMISSION_PAYABLE,
            JournalEntry.posted_at >= month.from_at,
            JournalEntry.posted_at < month.until_at,
        )
        .order_by(JournalEntry.id)
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for payout, day, cents in session.execute(query):
        found[payout.partner_id].append({"day": day.isoformat(), "number": payout.number, "cents": int(cents)})
    return found


def _commission_owed(session: Scoped, ids: Sequence[int], before: datetime) -> dict[int, int]:
    """What each partner was owed of commission then."""
    accrued = (
        select(Commission.partner_id, func.sum(Commission.cents))
        .where(Commission.partner_id.in_(ids), Commission.accrued_at < before)
        .group_by(Commission.partner_id)
    )
    paid = (
        select(PartnerPayout.partner_id, _moved)
        .join(JournalEntry, JournalEntry.ref == cast(PartnerPayout.id, String))
        .join(JournalLine, JournalLine.entry_id == JournalEntry.id)
        .where(
            PartnerPayout.partner_id.in_(ids),
            JournalEntry.kind.in_(PAYOUT_KINDS),
            JournalLine.account == COMMISSION_PAYABLE,
            JournalEntry.posted_at < before,
        )
        .group_by(PartnerPayout.partner_id)
    )
    found: dict[int, int] = defaultdict(int)
    for partner_id, cents in session.execute(accrued):
        found[partner_id] += int(cents)
    for partner_id, cents in session.execute(paid):
        found[partner_id] -= int(cents)
    return found


def _address(partner: Partner) -> dict[str, Any]:
    town = f"{partner.city}, {partner.state} {partner.postal_code}"
    lines = (partner.address_line1, partner.address_line2, town)
    return {"name": partner.name, "address_lines": [line for line in lines if line]}
