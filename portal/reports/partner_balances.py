"""What a partner owes the agency: its open invoices of agency bill, by due date, and the same for a spreadsheet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select

from portal.core.money import plain_money
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.payments.models import Claim
from portal.programs.models import Policy

PAGE = 50
SOON = timedelta(days=30)
Show = Literal["all", "overdue", "due", "upcoming", "processing"]
SHOWS: tuple[Show, ...] = get_args(Show)
SHOW_WORDS: dict[Show, Text] = {
    "all": text("All open"),
    "overdue": text("Overdue"),
    "due": text("Due in 30 days"),
    "upcoming": text("Due later"),
    "processing": text("Processing"),
}
HELD = exists().where(Claim.agency_id == Invoice.agency_id, Claim.invoice_id == Invoice.id, Claim.state == "live")
_IS_HELD = Invoice.id.in_(select(Claim.invoice_id).where(Claim.state == "live"))
"""The same of a few among many: claims lead to the invoices."""
_DUE_WITHIN = select(func.count(), func.coalesce(func.sum(Invoice.open_cents), 0)).where(
    Invoice.partner_id == bindparam("partner"),
    Invoice.state == "open",
    Invoice.due_date.between(bindparam("first"), bindparam("last")),
)
"""A span of `ix_invoice_partner`, from end to end: a third of what grouping or telling the rows apart costs."""
_HELD_BY_DAY = (
    select(Invoice.due_date, func.count(), func.sum(Invoice.open_cents))
    .where(Invoice.partner_id == bindparam("partner"), Invoice.state == "open", _IS_HELD)
    .group_by(Invoice.due_date)
)


@dataclass(frozen=True, slots=True)
class BalanceFilter:
    """What is wanted.

    Args:
        show: by how it stands today.
        words: part of an insured's name, of an invoice's or policy's number; empty for all.
        after: due date and id of the last one on the page before.
    """

    show: Show = "all"
    words: str = ""
    after: tuple[date, int] | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """One open invoice.

    Args:
        kept_cents: the partner's commission, which is not asked for; gross_cents: with it.
        is_held: a payment under way holds it: it is neither due nor payable now.
    """

    id: int
    number: str
    insured_name: str
    policies: str
    due_date: date
    gross_cents: int
    kept_cents: int
    total_cents: int
    open_cents: int
    is_held: bool
    is_overdue: bool

    @property
    def status(self) -> str:
        """As the badge says it."""
        return "processing" if self.is_held else "overdue" if self.is_overdue else "awaiting_payment"


@dataclass(frozen=True, slots=True)
class BalancePage:
    """One page of the table.

    Args:
        count, open_cents: of all that fit, not of this page alone.
        overdue: how many can be paid that are past due, and their cents, whatever the filter.
        after: with what the next page begins; None on the last.
    """

    balances: tuple[Balance, ...]
    count: int
    open_cents: int
    overdue: tuple[int, int]
    after: tuple[date, int] | None


def balance_page(session: Scoped, partner_id: int, wanted: BalanceFilter, today: date) -> BalancePage:
    """Fifty open invoices, by due date.

    Args:
        today: the day at the agency.
    """
    query = _listed(_fits(partner_id, wanted, today))
    if wanted.after is not None:
        day, last = wanted.after
        later = or_(Invoice.due_date > day, and_(Invoice.due_date == day, Invoice.id > last))
        query = query.where(Invoice.due_date >= day, later)  # the first for the index alone
    rows = session.execute(query.limit(PAGE + 1)).all()
    shown = _balances(session, rows[:PAGE], today)
    after = (shown[-1].due_date, shown[-1].id) if len(rows) > PAGE else None
    sums = open_sums(session, partner_id, today)
    count, cents = _sum_of(session, partner_id, wanted, today) if wanted.words else sums[wanted.show]
    return BalancePage(tuple(shown), count, cents, sums["overdue"], after)


def payable_ids(session: Scoped, partner_id: int, wanted: BalanceFilter, today: date, most: int) -> list[int]:
    """The ids of what fits and nobody is paying, by due date, at most so many."""
    fits = _fits(partner_id, wanted, today)
    query = select(Invoice.id).where(*fits, ~HELD).order_by(Invoice.due_date, Invoice.id).limit(most)
    if wanted.words:
        query = query.join(Insured, Insured.id == Invoice.insured_id)
    return list(session.scalars(query))


def still_payable(session: Scoped, partner_id: int, invoice_ids: Sequence[int]) -> dict[int, int]:
    """Those of these invoices that the partner can pay now: id -> open cents."""
    if not invoice_ids:
        return {}
    query = select(Invoice.id, Invoice.open_cents).where(
        Invoice.id.in_(invoice_ids), Invoice.partner_id == partner_id, Invoice.state == "open", ~HELD
    )
    return dict(session.execute(query).all())


def balances_of(session: Scoped, partner_id: int, invoice_ids: Sequence[int], today: date) -> list[Balance]:
    """Those of these invoices that are the partner's and open, by due date."""
    if not invoice_ids:
        return []
    fits = [*_fits(partner_id, BalanceFilter(), today), Invoice.id.in_(invoice_ids)]
    return _balances(session, session.execute(_listed(fits)).all(), today)


CSV_HEADER = ("invoice", "insured", "policies", "due_date", "status", "gross", "commission_kept", "total", "open")


def csv_rows(session: Scoped, partner_id: int, wanted: BalanceFilter, today: date) -> Iterator[tuple[object, ...]]:
    """All that fit, whatever page; read from the database in portions."""
    query = _listed(_fits(partner_id, wanted, today)).execution_options(yield_per=500)
    for rows in session.execute(query).partitions():
        for one in _balances(session, rows, today):
            amounts = one.gross_cents, one.kept_cents, one.total_cents, one.open_cents
            yield (one.number, one.insured_name, one.policies, one.due_date, one.status, *map(plain_money, amounts))


def _listed(fits: list[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Invoice.id,
            Invoice.number,
            Insured.name.label("insured_name"),
            Invoice.program_id,
            Invoice.due_date,
            Invoice.total_cents,
            Invoice.kept_cents,
            Invoice.open_cents,
            HELD.label("is_held"),
        )
        .join(Insured, Insured.id == Invoice.insured_id)
        .where(*fits)
        .order_by(Invoice.due_date, Invoice.id)
    )


def _balances(session: Scoped, rows: Iterable[Any], today: date) -> list[Balance]:
    found = list(rows)
    numbers: dict[int, list[str]] = {}
    programs = {row.program_id for row in found} - {None}
    query = select(Policy.program_id, Policy.policy_number).where(Policy.program_id.in_(programs)).order_by(Policy.id)
    for program_id, number in session.execute(query) if programs else ():
        numbers.setdefault(program_id, []).append(number)
    return [
        Balance(
            id=row.id,
            number=row.number,
            insured_name=row.insured_name,
            policies=", ".join(numbers.get(row.program_id, ())),
            due_date=row.due_date,
            gross_cents=row.total_cents + row.kept_cents,
            kept_cents=row.kept_cents,
            total_cents=row.total_cents,
            open_cents=row.open_cents,
            is_held=row.is_held,
            is_overdue=row.due_date < today,
        )
        for row in found
    ]


def _fits(partner_id: int, wanted: BalanceFilter, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Invoice.partner_id == partner_id, Invoice.state == "open"]
    match wanted.show:
        case "overdue":
            found += [Invoice.due_date < today, ~HELD]
        case "due":
            found += [Invoice.due_date >= today, Invoice.due_date <= today + SOON, ~HELD]
        case "upcoming":
            found += [Invoice.due_date > today + SOON, ~HELD]
        case "processing":
            found += [_IS_HELD]
    if wanted.words:
        part = wanted.words
        policies = exists().where(
            Policy.agency_id == Invoice.agency_id,
            Policy.program_id == Invoice.program_id,
            Policy.policy_number.icontains(part, autoescape=True),
        )
        in_name = Insured.name.icontains(part, autoescape=True)
        found.append(or_(in_name, Invoice.number.icontains(part, autoescape=True), policies))
    return found


def open_sums(session: Scoped, partner_id: int, today: date) -> dict[Show, tuple[int, int]]:
    """How many are open, and their cents, by how they stand: added up in the index, less what payments hold.

    Args:
        today: the day at the agency.
    """
    spans: dict[Show, tuple[date, date]] = {
        "overdue": (date.min, today - timedelta(days=1)),
        "due": (today, today + SOON),
        "upcoming": (today + SOON + timedelta(days=1), date.max),
    }
    found: dict[Show, tuple[int, int]] = {}
    for show, (first, last) in spans.items():
        row = session.rows(_DUE_WITHIN, {"partner": partner_id, "first": first, "last": last}).one()
        found[show] = (int(row[0]), int(row[1]))
    total, held = _plus(found.values()), (0, 0)
    for day, count, cents in session.rows(_HELD_BY_DAY, {"partner": partner_id}):
        show = next(show for show, (first, last) in spans.items() if first <= day <= last)
        found[show] = (found[show][0] - int(count), found[show][1] - int(cents))
        held = _plus([held, (int(count), int(cents))])
    return {"all": total, **found, "processing": held}


def _plus(pairs: Iterable[tuple[int, int]]) -> tuple[int, int]:
    found = list(pairs)
    return sum(count for count, _ in found), sum(cents for _, cents in found)


def _sum_of(session: Scoped, partner_id: int, wanted: BalanceFilter, today: date) -> tuple[int, int]:
    """The same of what was searched for."""
    query = (
        select(func.count(), func.coalesce(func.sum(Invoice.open_cents), 0))
        .join(Insured, Insured.id == Invoice.insured_id)
        .where(*_fits(partner_id, wanted, today))
    )
    count, cents = session.execute(query.select_from(Invoice)).one()
    return int(count), int(cents)
