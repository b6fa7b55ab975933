"""The agency's programs as staff look through them: by words, status, days and people; and for a spreadsheet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, exists, func, or_, select

from portal.core.money import plain_money
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.insureds.dead_addresses import DeadAddress
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice
from portal.programs.lifecycle import ProgramStatus
from portal.programs.models import Policy, Program
from portal.reports.status_condition import in_status
from portal.reports.word_search import find_programs
from portal.servicing.program_facts import statuses_of

PAGE = 50
COUNTED = 1_000
"""So many are counted; of more, that there are more is said."""
Order = Literal["newest", "earliest", "latest", "insured"]
ORDERS: dict[Order, Text] = {
    "newest": text("Newest first"),
    "earliest": text("Earliest due first"),
    "latest": text("Latest due first"),
    "insured": text("By insured"),
}
FOUND = 100
"""So many are found by words."""
ALL = "all"
"""Archived ones too."""


@dataclass(frozen=True, slots=True)
class ProgramFilter:
    """What is wanted.

    Args:
        words: as typed in the search; empty for all.
        status: as it is today; empty for all that are not archived, `ALL` for those too. Words find archived ones.
        billing_type: direct_bill or agency_bill; empty for both.
        partner_id: of the partner behind it; None for whatever.
        person: the beginning of a producer's or account manager's name; empty for all.
        first, last: the due dates of the program, both included; None for no limit.
        ends_within: days in which a policy expires; None for whenever.
        after: with what the page before ended.
    """

    words: str = ""
    status: str = ""
    billing_type: str = ""
    partner_id: int | None = None
    person: str = ""
    first: date | None = None
    last: date | None = None
    ends_within: int | None = None
    order: Order = "newest"
    after: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class ListedProgram:
    """One line of the list; `open_cents` is what its open invoices ask for.

    Args:
        has_dead_address: an address that mails about it go to does not work.
    """

    id: int
    name: str
    reference: str
    insured_name: str
    due_date: date
    status: ProgramStatus
    open_cents: int
    producer: str
    account_manager: str
    has_dead_address: bool


@dataclass(frozen=True, slots=True)
class ProgramPage:
    """One page of the list.

    Args:
        count: of all that fit, up to `COUNTED`; `is_more` if there are more.
        after: with what the next page begins; None on the last.
    """

    programs: tuple[ListedProgram, ...]
    count: int
    is_more: bool
    after: tuple[str, int] | None


def program_page(session: Scoped, wanted: ProgramFilter, today: date) -> ProgramPage:
    """Fifty programs.

    Args:
        today: the day at the agency.
    """
    fits = _fits(session, wanted, today)
    some = select(Program.id).join(Insured, Insured.id == Program.insured_id).where(*fits).limit(COUNTED + 1).subquery()
    count = session.scalar(select(func.count()).select_from(some)) or 0
    query = _ordered(_listed().where(*fits), wanted.order)
    if wanted.after is not None:
        query = query.where(_beyond(wanted.order, *wanted.after))
    rows = session.execute(query.limit(PAGE + 1)).all()
    shown = _shown(session, rows[:PAGE], today)
    after = _mark(wanted.order, shown[-1]) if len(rows) > PAGE else None
    is_more = count > COUNTED or (bool(wanted.words) and count >= FOUND)
    return ProgramPage(shown, min(count, COUNTED), is_more, after)


def fitting_ids(session: Scoped, wanted: ProgramFilter, today: date) -> list[int]:
    """The ids of all that fit, up to `COUNTED`, in the order of the list."""
    query = select(Program.id).join(Insured, Insured.id == Program.insured_id)
    return list(session.scalars(_ordered(query.where(*_fits(session, wanted, today)), wanted.order).limit(COUNTED)))


def programs_by_id(session: Scoped, ids: Sequence[int], today: date) -> list[ListedProgram]:
    """Programs of the session's agency, in the order of their ids as given; unknown ids are left out."""
    rows = session.execute(_listed().where(Program.id.in_(ids))).all()
    found = {program.id: program for program in _shown(session, rows, today)}
    return [found[program_id] for program_id in ids if program_id in found]


CSV_HEADER = (
    "reference", "program", "insured", "status", "due_date", "open", "billing_type", "producer", "account_manager",
)  # fmt: skip


def csv_rows(session: Scoped, ids: Sequence[int], today: date) -> Iterator[tuple[object, ...]]:
    """These programs for a spreadsheet."""
    billing = dict(session.execute(select(Program.id, Program.billing_type).where(Program.id.in_(ids))).all())
    for one in programs_by_id(session, ids, today):
        people = one.producer, one.account_manager
        money = plain_money(one.open_cents)
        yield (one.reference, one.name, one.insured_name, one.status, one.due_date, money, billing[one.id], *people)


def _listed() -> Select[*tuple[Any, ...]]:
    return select(
        Program.id,
        Program.name,
        Program.reference,
        Insured.name.label("insured_name"),
        Program.due_date,
        Program.producer,
        Program.account_manager,
        _open_cents().label("open_cents"),
        _is_dead().label("has_dead_address"),
    ).join(Insured, Insured.id == Program.insured_id)


def _open_cents() -> ScalarSelect[int]:
    mine = Invoice.agency_id == Program.agency_id, Invoice.program_id == Program.id
    total = select(func.coalesce(func.sum(Invoice.open_cents), 0))
    return total.where(*mine, Invoice.state == "open", Invoice.kind != "financed").correlate(Program).scalar_subquery()


def _is_dead() -> ColumnElement[bool]:
    own = exists().where(DeadAddress.agency_id == Program.agency_id, DeadAddress.email == Program.contact_email)
    one = exists().where(
        InsuredEmail.agency_id == Program.agency_id,
        InsuredEmail.insured_id == Program.insured_id,
        DeadAddress.agency_id == InsuredEmail.agency_id,
        DeadAddress.email == InsuredEmail.email,
    )
    return or_(own, one)


def _shown(session: Scoped, rows: Sequence[Row[Any]], today: date) -> tuple[ListedProgram, ...]:
    statuses = statuses_of(session, [row.id for row in rows], today) if rows else {}
    return tuple(
        ListedProgram(
            id=row.id,
            name=row.name,
            reference=row.reference,
            insured_name=row.insured_name,
            due_date=row.due_date,
            status=statuses[row.id],
            open_cents=int(row.open_cents),
            producer=row.producer,
            account_manager=row.account_manager,
            has_dead_address=bool(row.has_dead_address),
        )
        for row in rows
    )


def _fits(session: Scoped, wanted: ProgramFilter, today: date) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = []
    if wanted.words:
        fits.append(Program.id.in_(find_programs(session, wanted.words, FOUND)))
    match wanted.status:
        case "":
            fits += [] if wanted.words else [Program.archived_at.is_(None)]
        case "archived":
            fits.append(Program.archived_at.is_not(None))
        case status if status != ALL:
            fits += [Program.archived_at.is_(None), *in_status(status, today)]
    if wanted.billing_type:
        fits.append(Program.billing_type == wanted.billing_type)
    if wanted.partner_id is not None:
        fits.append(Program.partner_id == wanted.partner_id)
    if wanted.person:
        begins = [
            each.istartswith(wanted.person, autoescape=True) for each in (Program.producer, Program.account_manager)
        ]
        fits.append(or_(*begins))
    if wanted.first is not None:
        fits.append(Program.due_date >= wanted.first)
    if wanted.last is not None:
        fits.append(Program.due_date <= wanted.last)
    if wanted.ends_within is not None:
        ends = Policy.expiration_date.between(today, today + timedelta(days=wanted.ends_within))
        fits.append(exists().where(Policy.agency_id == Program.agency_id, Policy.program_id == Program.id, ends))
    return fits


def _ordered(query: Select[*tuple[Any, ...]], order: Order) -> Select[*tuple[Any, ...]]:
    match order:
        case "newest":
            return query.order_by(Program.id.desc())
        case "earliest":
            return query.order_by(Program.due_date, Program.id)
        case "latest":
            return query.order_by(Program.due_date.desc(), Program.id.desc())
        case "insured":
            return query.order_by(Insured.name, Program.id)


def _mark(order: Order, last: ListedProgram) -> tuple[str, int]:
    return (last.insured_name if order == "insured" else last.due_date.isoformat()), last.id


def _beyond(order: Order, mark: str, last_id: int) -> ColumnElement[bool]:
    """What comes after the last one of the page before.

    Raises:
        ValueError: the mark is no day.
    """
    match order:
        case "newest":
            return Program.id < last_id
        case "earliest":
            day = date.fromisoformat(mark)
            return or_(Program.due_date > day, and_(Program.due_date == day, Program.id > last_id))
        case "latest":
            day = date.fromisoformat(mark)
            return or_(Program.due_date < day, and_(Program.due_date == day, Program.id < last_id))
        case "insured":
            return or_(Insured.name > mark, and_(Insured.name == mark, Program.id > last_id))
