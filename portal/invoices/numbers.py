"""Consecutive invoice numbers, from a counter row per agency and year."""

from sqlalchemy import insert, select, update

from portal.core.tenancy import Scoped
from portal.invoices.models import InvoiceCounter


def take_numbers(session: Scoped, year: int, count: int) -> list[str]:
    """Take the next numbers of a year; the row stays locked until the unit ends, so none is skipped or given twice.

    >>> # INV-2026-000001, INV-2026-000002 …
    """
    step = update(InvoiceCounter).where(InvoiceCounter.year == year)
    step = step.values(last=InvoiceCounter.last + count).execution_options(synchronize_session=False)
    if session.execute(step).rowcount == 0:  # type: ignore[attr-defined]
        session.execute(insert(InvoiceCounter), [{"year": year, "last": count}])
    last = session.scalars(select(InvoiceCounter.last).where(InvoiceCounter.year == year)).one()
    return [f"INV-{year}-{number:06d}" for number in range(last - count + 1, last + 1)]
