"""The page of runs at BindHQ: how the feed stands, what each run did, who sees it; a feed that stands still is told."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.cli.receipt_jobs import ReceiptJobs
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import reading, writing
from portal.policy_system.models import SyncRun
from tests.factories.people import BOX, make_agency
from tests.factories.policy_system import make_connection, make_import
from tests.factories.staff import staff_visitor
from tests.web.visitor import engine_of, services_of, set_clock, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


def connect(app: Flask, agency: Agency, polled_at: datetime) -> None:
    with writing(engine_of(app), agency.id) as session:
        make_connection(session, BOX).polled_at = polled_at


def test_nothing_has_run(app: Flask, agency: Agency) -> None:
    seen = words(staff_visitor(app, agency, "admin").get("/admin/settings/bindhq/runs"))
    assert "No runs yet" in seen and "Switched off" in seen


def test_each_run_says_how_long_how_many_and_what_went_wrong(app: Flask, agency: Agency) -> None:
    connect(app, agency, AT - timedelta(minutes=1))
    with writing(engine_of(app), agency.id) as session:
        make_import(session)
        ended = AT + timedelta(seconds=2)
        session.add_all(
            [
                SyncRun(
                    kind="feed", started_at=AT, ended_at=ended, counts={"imported": 3}, errors=[], cursor="MDAwMDQy"
                ),
                SyncRun(
                    kind="agencies",
                    started_at=AT,
                    ended_at=ended,
                    counts={},
                    errors=["AuthFailed: HTTP 401"],
                    cursor=None,
                ),
            ]
        )
    admin = staff_visitor(app, agency, "admin")
    seen = words(admin.get("/admin/settings/bindhq/runs"))
    for said in "3 imported", "2.0 s", "MDAwMDQy", "AuthFailed: HTTP 401", "Imports that failed 1":
        assert said in seen, said
    assert "stands still" not in seen
    only = words(admin.get("/admin/settings/bindhq/runs?kind=feed&before=x"))
    assert "3 imported" in only and "AuthFailed" not in only
    assert staff_visitor(app, agency, "support").get("/admin/settings/bindhq/runs").status_code == 403


def test_a_run_goes_on_until_it_cannot_any_more(app: Flask, agency: Agency) -> None:
    connect(app, agency, AT - timedelta(minutes=1))
    with writing(engine_of(app), agency.id) as session:
        for count, began in (300, AT), (200, AT - timedelta(minutes=31)):
            session.add(SyncRun(kind="feed", started_at=began, counts={"imported": count}, errors=[]))
    seen = words(staff_visitor(app, agency, "admin").get("/admin/settings/bindhq/runs"))
    assert "300 imported Goes on" in seen and "200 imported Broke off" in seen


def test_a_feed_that_stands_still_is_told_until_it_moves(app: Flask, agency: Agency) -> None:
    connect(app, agency, AT - timedelta(minutes=31))
    parts = services_of(app)
    jobs = ReceiptJobs(parts.engine, BOX, parts.policy_systems, lambda: AT)

    def told() -> list[str]:
        with reading(parts.engine, agency.id) as session:
            return list(session.scalars(select(StaffTask.kind).where(StaffTask.closed_at.is_(None))))

    for _ in range(2):
        jobs.send_receipts(agency.id)
    assert told() == ["connection.stalled"]
    assert "The feed stands still" in words(staff_visitor(app, agency, "admin").get("/admin/settings/bindhq/runs"))
    assert "BindHQ's feed is not read any more" in words(staff_visitor(app, agency, "admin").get("/admin/attention"))
    connect(app, agency, AT)
    jobs.send_receipts(agency.id)
    assert told() == []
