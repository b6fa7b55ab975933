"""Payouts of commission to partners as accountants see them: the runs, and what is in one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, select

from portal.core.money import plain_money
from portal.core.tenancy import Scoped
from portal.partners.models import Partner
from portal.statements.models import PartnerPayout, PayoutRun
from portal.statements.partner_payouts import find_payout, find_run

MOST = 50
COUNTED = ("proposed", "paid", "returned")
"""Payouts that are in their run: the others were left out or dropped."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in the list. `status` is a key of the statuses."""

    id: int
    status: str
    run_on: date
    partners: int
    amount_cents: int


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """One partner's payout in a run."""

    id: int
    number: str
    partner: str
    status: str
    earned_cents: int
    deducted_cents: int
    amount_cents: int


@dataclass(frozen=True, slots=True)
class RunPage:
    """A run with all its payouts, by the partners' names.

    Args:
        proposed_by: empty when the schedule did.
    """

    id: int
    state: str
    status: str
    run_on: date
    proposed_by: str
    proposed_at: datetime
    approved_by: str
    approved_at: datetime | None
    paid_on: date | None
    bank_reference: str
    payouts: tuple[PayoutLine, ...]

    @property
    def counted(self) -> tuple[PayoutLine, ...]:
        """Those that are in it, neither left out nor dropped."""
        return tuple(each for each in self.payouts if each.status.removeprefix("partner_payout_") in COUNTED)

    @property
    def total_cents(self) -> int:
        """What leaves the bank."""
        return sum(each.amount_cents for each in self.counted)


@dataclass(frozen=True, slots=True)
class PayoutFacts:
    """What the page of one payout needs besides its remittance."""

    id: int
    run_id: int
    run_state: str
    state: str
    status: str
    number: str
    partner_id: int
    partner: str
    amount_cents: int
    returned_on: date | None
    return_reason: str


def runs(session: Scoped, before: int | None = None) -> tuple[list[RunRow], int | None]:
    """Runs, the newest first; and where the next page begins, if there is one.

    Args:
        before: only those with a smaller id.
    """
    counts = PartnerPayout.state.in_(COUNTED)
    query = (
        select(
            PayoutRun.id,
            PayoutRun.state,
            PayoutRun.run_on,
            func.count(case((counts, 1))),
            func.coalesce(func.sum(case((counts, PartnerPayout.amount_cents))), 0),
        )
        .outerjoin(PartnerPayout, PartnerPayout.run_id == PayoutRun.id)
        .group_by(PayoutRun.id, PayoutRun.state, PayoutRun.run_on)
        .order_by(PayoutRun.id.desc())
        .limit(MOST + 1)
    )
    if before is not None:
        query = query.where(PayoutRun.id < before)
    found = [
        RunRow(run_id, f"partner_payout_{state}", run_on, partners, int(cents))
        for run_id, state, run_on, partners, cents in session.execute(query)
    ]
    return found[:MOST], found[MOST - 1].id if len(found) > MOST else None


def run_page(session: Scoped, run_id: int) -> RunPage:
    """One run.

    Raises:
        NotFound: the agency has no such run.
    """
    run = find_run(session, run_id)
    query = select(PartnerPayout).where(PartnerPayout.run_id == run.id).order_by(PartnerPayout.paid_to)
    return RunPage(
        id=run.id,
        state=run.state,
        status=f"partner_payout_{run.state}",
        run_on=run.run_on,
        proposed_by=run.proposed_by,
        proposed_at=run.proposed_at,
        approved_by=run.approved_by,
        approved_at=run.approved_at,
        paid_on=run.paid_on,
        bank_reference=run.bank_reference,
        payouts=tuple(
            PayoutLine(
                payout.id,
                payout.number,
                payout.paid_to,
                f"partner_payout_{payout.state}",
                payout.earned_cents,
                payout.deducted_cents,
                payout.amount_cents,
            )
            for payout in session.scalars(query)
        ),
    )


def payout_facts(session: Scoped, payout_id: int) -> PayoutFacts:
    """One payout.

    Raises:
        NotFound: the agency has no such payout.
    """
    payout = find_payout(session, payout_id)
    return PayoutFacts(
        payout.id,
        payout.run_id,
        find_run(session, payout.run_id).state,
        payout.state,
        f"partner_payout_{payout.state}",
        payout.number,
        payout.partner_id,
        payout.paid_to,
        payout.amount_cents,
        payout.returned_on,
        payout.return_reason,
    )


BANK_HEADER = ("payout", "payee", "address_1", "address_2", "city", "state", "zip", "amount", "memo")


def bank_rows(session: Scoped, run_id: int) -> Iterator[tuple[str, ...]]:
    """A run for the bank: whom to pay how much, in dollars as plain numbers."""
    query = (
        select(PartnerPayout, Partner)
        .join(Partner, Partner.id == PartnerPayout.partner_id)
        .where(PartnerPayout.run_id == run_id, PartnerPayout.state.in_(COUNTED))
        .order_by(PartnerPayout.paid_to)
    )
    for payout, partner in session.execute(query):
        yield (
            payout.number,
            payout.paid_to,
            partner.address_line1,
            partner.address_line2,
            partner.city,
            partner.state,
            partner.postal_code,
            plain_money(payout.amount_cents),
            f"Commission {payout.number}",
        )
