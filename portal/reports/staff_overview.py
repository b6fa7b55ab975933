"""What staff see first: what came in, what is due, what is overdue and for how long, how much goes by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    exists,
    func,
    literal,
    select,
    union_all,
)

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.invoices.models import Invoice
from portal.payments.autopay.models import AutopayEnrollment
from portal.payments.models import Claim, Payment
from portal.programs.models import Program

DAYS_SHOWN = 31
"""So that a whole month always fits."""
SOON = timedelta(days=30)
A_TERM = timedelta(days=365)
AGES = ((1, 30), (31, 60), (61, 90), (91, None))
"""First and last day of each age of what is overdue."""


@dataclass(frozen=True, slots=True)
class Figure:
    """How many, and how much they come to."""

    count: int
    cents: int


@dataclass(frozen=True, slots=True)
class Age:
    """What is overdue for about as long.

    Args:
        first, last: the due dates it spans, the last one nearest to today; without a first for all before.
    """

    words: Text
    first: date | None
    last: date
    figure: Figure


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of an agency on a day.

    Args:
        today: that day.
        collected: day by day, the last one today: what was paid, card fees included, whatever went back later.
        due_soon: due today or within thirty days, payments under way left out.
        ages: what is overdue, the youngest first, payments under way left out.
        under_way: what payments under way hold.
        on_autopay, programs: how many of the programs that are in force go by themselves.
        drafts: programs that are not complete. All three of the terms that began within a year.
    """

    today: date
    collected: tuple[tuple[date, Figure], ...]
    due_soon: Figure
    ages: tuple[Age, ...]
    under_way: Figure
    on_autopay: int
    programs: int
    drafts: int

    @property
    def collected_today(self) -> Figure:
        """What was paid today."""
        return self.collected[-1][1]

    @property
    def collected_this_month(self) -> Figure:
        """What was paid since the first of the month."""
        return _sum([figure for day, figure in self.collected if day >= self.month])

    @property
    def points(self) -> list[tuple[date, int]]:
        """What was collected, as a drawing needs it."""
        return [(day, figure.cents) for day, figure in self.collected]

    @property
    def month(self) -> date:
        """The month's first day."""
        return self.today.replace(day=1)

    @property
    def overdue(self) -> Figure:
        """All that is overdue."""
        return _sum([age.figure for age in self.ages])

    @property
    def soon(self) -> date:
        """The last day of what is due soon."""
        return self.today + SOON


def overview(session: Scoped, today: date, zone: str) -> Overview:
    """The figures of the session's agency.

    Args:
        today: the day at the agency.
        zone: where its days begin.
    """
    starts = [today - timedelta(days=back) for back in range(DAYS_SHOWN - 1, -2, -1)]
    moments = [datetime.combine(day, time(), ZoneInfo(zone)) for day in starts]
    values = {f"day_{number}": moment for number, moment in enumerate(moments)}
    sums = {number: Figure(count, int(cents)) for number, count, cents in session.rows(_COLLECTED, values)}
    due, under_way = _due(session, today)
    lately = {"a_term_ago": today - A_TERM}
    programs, drafts = session.rows(_PROGRAMS, lately).one()
    return Overview(
        today=today,
        collected=tuple((day, sums[number]) for number, day in enumerate(starts[:-1])),
        due_soon=due[0],
        ages=tuple(
            Age(
                _AGE_WORDS[number],
                None if last is None else today - timedelta(days=last),
                today - timedelta(days=first),
                due[number],
            )
            for number, (first, last) in enumerate(AGES, 1)
        ),
        under_way=under_way,
        on_autopay=session.rows(_ON_AUTOPAY, lately).scalar_one(),
        programs=programs,
        drafts=drafts,
    )


_AGE_WORDS = {
    1: text("1 to 30 days"),
    2: text("31 to 60 days"),
    3: text("61 to 90 days"),
    4: text("More than 90 days"),
}

ARCHIVED = exists().where(
    Program.agency_id == Invoice.agency_id, Program.id == Invoice.program_id, Program.archived_at.is_not(None)
)
ASKED_FOR = (Invoice.state == "open", Invoice.kind != "financed", ~ARCHIVED.correlate(Invoice))
"""Conditions on `Invoice`: money is asked for. A program that is archived keeps its invoices, out of sight."""


def _itself(state: str) -> BindParameter[str]:
    """A state that stands in the statement itself: the index of those that have it holds all that is asked then."""
    return bindparam(state, state, String(), literal_execute=True)


_ROWS = func.count()
"""Of rows, not of ids: the indexes hold all else that is asked for and no id, for which PostgreSQL reads the table."""
_PAID = Payment.state == _itself("succeeded")
_OPEN = (Invoice.state == _itself("open"), Invoice.kind != "financed")


def _day(number: int) -> ColumnElement[bool]:
    moment = Payment.succeeded_at
    first, last = (bindparam(f"day_{at}", type_=moment.type) for at in (number, number + 1))
    return (moment >= first) & (moment < last)


_COLLECTED = union_all(
    *(
        select(literal(number).label("number"), _ROWS, func.coalesce(func.sum(Payment.charged_cents), 0)).where(
            _PAID, _day(number)
        )
        for number in range(DAYS_SHOWN)
    )
)


def _bucket(number: int) -> ColumnElement[bool]:
    """What is due in a span of days: soon, or overdue as long as one of the ages says."""
    due = Invoice.due_date
    first, last = (bindparam(f"{end}_{number}", type_=due.type) for end in ("first", "last"))
    return (due >= first) & (due <= last)


_DUE = union_all(
    *(
        select(literal(number).label("bucket"), _ROWS, func.coalesce(func.sum(Invoice.open_cents), 0)).where(
            *_OPEN, _bucket(number)
        )
        for number in range(len(AGES) + 1)
    )
)


def _by_day(*more: ColumnElement[bool]) -> Select[date, int, int]:
    """Without a span of days: so that few are looked for among many, not the other way round."""
    query = select(Invoice.due_date, func.count(Invoice.id), func.coalesce(func.sum(Invoice.open_cents), 0))
    return query.where(*_OPEN, *more).group_by(Invoice.due_date)


_HELD = _by_day(Invoice.id.in_(select(Claim.invoice_id).where(Claim.state == _itself("live"))))
_OF_ARCHIVED = _by_day(Invoice.program_id.in_(select(Program.id).where(Program.archived_at.is_not(None))))
_LATELY = Program.due_date > bindparam("a_term_ago", type_=Program.due_date.type)
_IN_FORCE = and_(Program.archived_at.is_(None), Program.canceled_on.is_(None), Program.is_draft.is_(False))
_A_DRAFT = and_(Program.archived_at.is_(None), Program.is_draft.is_(True))
_PROGRAMS = select(_ROWS.filter(_IN_FORCE), _ROWS.filter(_A_DRAFT)).select_from(Program).where(_LATELY)
_ON_AUTOPAY = (
    select(func.count(AutopayEnrollment.id))
    .join(Program, Program.id == AutopayEnrollment.program_id)
    .where(AutopayEnrollment.ended_at.is_(None), _LATELY, _IN_FORCE)
)


def _due(session: Scoped, today: date) -> tuple[list[Figure], Figure]:
    """What is due soon, then what is overdue by age, without what payments under way hold and what is archived.

    An archived program has no payment under way, so nothing is taken off twice. Beside it: what is under way.
    """
    spans = [(today, today + SOON)]
    for first, last in AGES:
        spans.append((date.min if last is None else today - timedelta(days=last), today - timedelta(days=first)))
    values = {f"first_{number}": first for number, (first, _) in enumerate(spans)}
    values |= {f"last_{number}": last for number, (_, last) in enumerate(spans)}
    found = {number: Figure(count, int(cents)) for number, count, cents in session.rows(_DUE, values)}
    held = [(day, Figure(count, int(cents))) for day, count, cents in session.rows(_HELD, {})]
    archived = [(day, Figure(count, int(cents))) for day, count, cents in session.rows(_OF_ARCHIVED, {})]
    for number, (begins, ends) in enumerate(spans):
        off = _sum([figure for day, figure in held + archived if begins <= day <= ends])
        found[number] = Figure(found[number].count - off.count, found[number].cents - off.cents)
    return [found[number] for number in range(len(spans))], _sum([figure for _, figure in held])


def _sum(figures: Sequence[Figure]) -> Figure:
    return Figure(sum(figure.count for figure in figures), sum(figure.cents for figure in figures))
