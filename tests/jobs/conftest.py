"""What the job tests need: an agency, and a clock that stands still until told."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from portal.agencies.models import Agency
from portal.core.tenancy import writing_global
from portal.jobs.context import JobContext
from tests.factories.late import no_paper

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def agency(engine: Engine, slug: str = "harbor") -> int:
    """Make an agency; its id."""
    with writing_global(engine) as session:
        row = Agency(
            slug=slug, name=slug.title(), phone="", email="", brand_hex="#0a5c66", lookup_key="", created_at=NOON
        )
        session.add(row)
        session.flush()
        return row.id


class Clock:
    """The time, moved by hand."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **delta: float) -> None:
        self.at += timedelta(**delta)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at noon."""
    return Clock()


@pytest.fixture
def jobs(engine: Engine, clock: Clock) -> JobContext:
    """A context whose handlers take everything and do nothing."""
    return JobContext(
        engine=engine,
        outbox={},
        handle_event=lambda _item: "ignored",
        reconcile=lambda _agency_id: None,
        autopay=lambda _agency_id: None,
        sweep_events=lambda _agency_id: None,
        money_back=lambda _agency_id: None,
        read_payouts=lambda _agency_id: None,
        compare_books=lambda _agency_id: None,
        import_policies=lambda _agency_id: None,
        sync_agencies=lambda _agency_id: None,
        send_receipts=lambda _agency_id: None,
        check_hosts=lambda _agency_id: None,
        paper=no_paper,
        audit_key=b"a key that only the tests know",
        now=clock,
    )
