"""Merge partners of an agency who are one by the rule: a moment after one has changed, and once an hour all."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from portal.core.db import run_unit
from portal.core.tenancy import writing
from portal.jobs.context import JobContext, OutboxItem
from portal.jobs.each_agency import for_each_agency
from portal.servicing.partner_merge_rule import merge_by_rule


def merge_partners(context: JobContext) -> None:
    """All agencies, each by itself: agencies never share a partner."""
    for_each_agency(context, lambda agency_id: _merge(context.engine, agency_id, context.now(), None), "merge_partners")


def merge_changed(engine: Engine, now: Callable[[], datetime], item: OutboxItem) -> None:
    """One partner that was added or changed.

    Args:
        item: names it.
    """
    _merge(engine, item.agency_id, now(), int(item.payload["partner_id"]))


def _merge(engine: Engine, agency_id: int, at: datetime, near: int | None) -> None:
    def unit() -> None:
        with writing(engine, agency_id) as session:
            merge_by_rule(session, at, near)

    run_unit(unit)
