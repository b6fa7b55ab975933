"""A partner's commissions: what it has earned, what was paid out, what is still to come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, exists, func, select

from portal.core.errors import NotFound
from portal.core.money import plain_money
from portal.core.tenancy import Scoped
from portal.insureds.models import Insured
from portal.programs.models import Policy, Program
from portal.statements.models import Commission, PartnerPayout, PayoutItem, PayoutRun
from portal.statements.remittances import rate_words

MOST = 50
"""Rows of a page; the file has all."""
SEEN_BY_PARTNER = ("paid", "returned")


@dataclass(frozen=True, slots=True)
class CommissionRow:
    """What one movement of money has brought.

    Args:
        payout: the number of the payout that it is in; empty while it is in none.
    """

    settled_on: date
    payable_on: date
    policy: str
    insured: str
    premium_cents: int
    rate: str
    cents: int
    payout: str


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """A payout that was made. `status` is a key of the statuses."""

    id: int
    number: str
    status: str
    paid_on: date
    amount_cents: int
    deducted_cents: int


@dataclass(frozen=True, slots=True)
class PartnerCommissions:
    """What a partner sees.

    Args:
        payable_cents: goes out with the next payout; below nothing it is a debt that waits.
        settling_cents: earned, and paid out some days after it has settled.
        rows: the newest ones; `is_more` says that the file has others.
    """

    payable_cents: int
    settling_cents: int
    payouts: tuple[PayoutRow, ...]
    rows: tuple[CommissionRow, ...]
    is_more: bool


def partner_commissions(session: Scoped, partner_id: int, today: date) -> PartnerCommissions:
    """The page.

    Args:
        today: the day at the agency.
    """
    payable, _ = unpaid_commissions(session, partner_id, today)
    settling = session.scalar(_unpaid(partner_id).where(Commission.payable_on > today)) or 0
    found = list(_rows(session, _lines(partner_id).limit(MOST + 1)))
    return PartnerCommissions(
        payable, int(settling), payouts_of(session, partner_id), tuple(found[:MOST]), len(found) > MOST
    )


def unpaid_commissions(session: Scoped, partner_id: int, today: date) -> tuple[int, int]:
    """What goes out with a partner's next payout, in cents, and how many commissions it is made of."""
    query = _unpaid(partner_id).add_columns(func.count(Commission.id)).where(Commission.payable_on <= today)
    cents, count = session.execute(query.where(Commission.cents != 0)).one()
    return int(cents), count


def payouts_of(session: Scoped, partner_id: int) -> tuple[PayoutRow, ...]:
    """The payouts that were made to a partner, the newest first."""
    query = (
        select(PartnerPayout, PayoutRun.paid_on)
        .join(PayoutRun, PayoutRun.id == PartnerPayout.run_id)
        .where(PartnerPayout.partner_id == partner_id, PartnerPayout.state.in_(SEEN_BY_PARTNER))
        .order_by(PartnerPayout.id.desc())
    )
    return tuple(
        PayoutRow(
            payout.id,
            payout.number,
            f"partner_payout_{payout.state}",
            paid_on,
            payout.amount_cents,
            payout.deducted_cents,
        )
        for payout, paid_on in session.execute(query)
        if paid_on is not None
    )


def check_own_payout(session: Scoped, partner_id: int, payout_id: int) -> None:
    """Let a partner see its own payouts, once they are made.

    Raises:
        NotFound: no such payout, another's, or one that was not made.
    """
    own = select(PartnerPayout.id).where(
        PartnerPayout.id == payout_id,
        PartnerPayout.partner_id == partner_id,
        PartnerPayout.state.in_(SEEN_BY_PARTNER),
    )
    if session.scalar(own) is None:
        raise NotFound


CSV_HEADER = ("settled_on", "payable_on", "what", "policy", "insured", "premium", "rate", "commission", "payout")


def csv_rows(session: Scoped, partner_id: int) -> Iterator[tuple[str, ...]]:
    """All of a partner's commissions for a spreadsheet, the newest first; a sign would be read as a formula."""
    for row in _rows(session, _lines(partner_id)):
        yield (
            row.settled_on.isoformat(),
            row.payable_on.isoformat(),
            "earned" if row.cents > 0 else "taken back",
            row.policy,
            row.insured,
            plain_money(abs(row.premium_cents)),
            row.rate,
            plain_money(abs(row.cents)),
            row.payout,
        )


def _unpaid(partner_id: int) -> Select[int]:
    paid = exists().where(
        PayoutItem.agency_id == Commission.agency_id,
        PayoutItem.commission_id == Commission.id,
        PayoutItem.state == "live",
        PartnerPayout.id == PayoutItem.payout_id,
        PartnerPayout.state == "paid",
    )
    return select(func.coalesce(func.sum(Commission.cents), 0)).where(Commission.partner_id == partner_id, ~paid)


def _lines(partner_id: int) -> Select[Commission, str, str, PartnerPayout | None]:
    return (
        select(Commission, Policy.policy_number, Insured.name, PartnerPayout)
        .join(Policy, Policy.id == Commission.policy_id)
        .join(Program, Program.id == Policy.program_id)
        .join(Insured, Insured.id == Program.insured_id)
        .outerjoin(PayoutItem, (PayoutItem.commission_id == Commission.id) & (PayoutItem.state == "live"))
        .outerjoin(PartnerPayout, (PartnerPayout.id == PayoutItem.payout_id) & (PartnerPayout.state == "paid"))
        .where(Commission.partner_id == partner_id, Commission.cents != 0)
        .order_by(Commission.settled_on.desc(), Commission.id.desc())
    )


def _rows(session: Scoped, query: Select[Commission, str, str, PartnerPayout | None]) -> Iterator[CommissionRow]:
    for commission, policy, insured, payout in session.execute(query):
        yield CommissionRow(
            commission.settled_on,
            commission.payable_on,
            policy,
            insured,
            commission.premium_cents,
            rate_words(commission.rate),
            commission.cents,
            payout.number if payout is not None else "",
        )
