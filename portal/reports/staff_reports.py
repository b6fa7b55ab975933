"""The reports: what each lists, its totals, a page of it, and all of it for a spreadsheet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Date, Row, Select, func, select

from portal.core.clock import day_begins, day_ends, local_date
from portal.core.errors import BadInput
from portal.core.money import plain_money
from portal.core.tenancy import Scoped
from portal.core.text import Text, text

PAGE = 50
PORTION = 2_000
"""Rows that a file takes from the database at a time."""

Kind = Literal["words", "day", "cents", "rate"]


class Column(NamedTuple):
    """One column of a report.

    Args:
        name: in the file.
        words: above it on the page.
        kind: cents are added up.
        value: what the database is asked for.
        says: codes in words; what is not in it is shown as it is.
    """

    name: str
    words: Text
    kind: Kind
    value: Any
    says: Mapping[str, Text] = {}


@dataclass(frozen=True, slots=True)
class Report:
    """One report, the newest first.

    Args:
        key: its name in addresses.
        note: what is in it, and what is not.
        id: what its pages go by.
        at: the day or moment that the range is of.
        of: begins its query, with everything joined and left out.
        is_of_all_days: shown from the first day on unless somebody asks for less.
    """

    key: str
    words: Text
    note: Text
    id: Any
    at: Any
    of: Select[Any]
    columns: tuple[Column, ...]
    is_of_all_days: bool = False


class Span(NamedTuple):
    """The days asked for, both included; None is no limit.

    Args:
        zone: where days begin.
    """

    first: date | None
    last: date | None
    zone: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One page.

    Args:
        rows: cells as `Report.columns` says; days as dates.
        count, totals: of all that is in the range; totals by the names of the columns that are added up.
        before: with what the next page begins; None on the last.
    """

    rows: tuple[tuple[object, ...], ...]
    count: int
    totals: Mapping[str, int]
    before: int | None


def report_page(session: Scoped, report: Report, span: Span, before: int | None = None) -> ReportPage:
    """Fifty rows, and the totals of all.

    Args:
        before: the id with which the page before ended.

    Raises:
        BadInput: the range ends before it begins.
    """
    summed = [column for column in report.columns if column.kind == "cents"]
    sums = [func.coalesce(func.sum(column.value), 0) for column in summed]
    asked: Any = report.of.with_only_columns(func.count(report.id), *sums)
    found = list(session.execute(_within(asked, report, span)).one())
    query = _rows(report, span).order_by(report.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(report.id < before)
    rows = session.execute(query).all()
    shown = rows[:PAGE]
    return ReportPage(
        rows=tuple(_cells(report, row, span.zone) for row in shown),
        count=int(found[0]),
        totals={column.name: int(value) for column, value in zip(summed, found[1:], strict=True)},
        before=shown[-1][0] if len(rows) > PAGE else None,
    )


def csv_header(report: Report) -> tuple[str, ...]:
    """The first row of the file."""
    return tuple(column.name for column in report.columns)


def csv_rows(session: Scoped, report: Report, span: Span) -> Iterator[tuple[object, ...]]:
    """All rows in the order in which they came to be, read in portions: a file of any length takes the same memory.

    Raises:
        BadInput: the range ends before it begins.
    """
    query = _rows(report, span).order_by(report.id).execution_options(yield_per=PORTION)
    for row in session.execute(query):
        cells = _cells(report, row, span.zone, in_words=False)
        yield tuple(
            plain_money(int(str(cell))) if column.kind == "cents" and cell is not None else cell
            for column, cell in zip(report.columns, cells, strict=True)
        )


def in_range(at: Any, span: Span) -> list[ColumnElement[bool]]:
    """That a day or moment is in the range.

    Raises:
        BadInput: the range ends before it begins.
    """
    if span.first is not None and span.last is not None and span.last < span.first:
        raise BadInput(text("The period ends before it begins."))
    is_day = isinstance(at.type, Date)
    found = []
    if span.first is not None:
        found.append(at >= (span.first if is_day else day_begins(span.first, span.zone)))
    if span.last is not None:
        found.append(at <= span.last if is_day else at < day_ends(span.last, span.zone))
    return found


def _within(query: Select[Any], report: Report, span: Span) -> Select[Any]:
    return query.where(*in_range(report.at, span))


def _rows(report: Report, span: Span) -> Select[Any]:
    return _within(report.of.with_only_columns(report.id, *(column.value for column in report.columns)), report, span)


def _cells(report: Report, row: Row[Any], zone: str, *, in_words: bool = True) -> tuple[object, ...]:
    values: list[Any] = list(row)[1:]
    return tuple(_cell(column, value, zone, in_words) for column, value in zip(report.columns, values, strict=True))


def _cell(column: Column, value: Any, zone: str, in_words: bool) -> object:
    if isinstance(value, datetime):
        return local_date(value, zone)
    return column.says.get(value, value) if in_words and column.says else value


def all_of(*entities: Any) -> Select[Any]:
    """The beginning of a report's query."""
    return select(*entities)
