"""Consecutive invoice numbers, from a counter row per agency and year."""

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from portal.core.tenancy import Scoped
from portal.invoices.models import InvoiceCounter


def take_numbers(session: Scoped, year: int, count: int) -> list[str]:
    """Take the next numbers of a year; the row stays locked until the unit ends, so none is skipped or given twice.

    >>> # INV-2026-000001, INV-2026-000002 …
    """
    if not _advance(session, year, count):
        try:
            with session.begin_nested():
                session.execute(insert(InvoiceCounter), [{"year": year, "last": count}])
        except IntegrityError:  # another unit has begun the year meanwhile
            _advance(session, year, count)
    last = session.scalars(select(InvoiceCounter.last).where(InvoiceCounter.year == year)).one()
    return [f"INV-{year}-{number:06d}" for number in range(last - count + 1, last + 1)]


def _advance(session: Scoped, year: int, count: int) -> bool:
    step = update(InvoiceCounter).where(InvoiceCounter.year == year).values(last=InvoiceCounter.last + count)
    return bool(session.execute(step.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
