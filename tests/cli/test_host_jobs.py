"""Hosts are looked at again every day: one that worked and is lost becomes a matter for admins, once, with a mail."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.hosts import HostFound, add_host, hosts_of, remove_host
from portal.cli.host_jobs import HostJobs
from portal.cli.job_handlers import job_context
from portal.core.outbox import OutboxRow
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import assert_no_open_unit, reading, reading_global, writing_global
from portal.jobs.check_hosts import check_hosts
from portal.reports.attention import open_matters
from portal.settings import Settings
from tests.factories.people import BEGINNING, make_agency
from tests.factories.staff import staff_visitor
from tests.web.visitor import engine_of, services_of, words

RIGHT = HostFound("here", "right", "right")
HOST = "pay.quay-insurance.com"


class Street:
    """What is found at the host, look by look, a day apart; it is one agency's, and another has a good one."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.app, self.engine, self.found, self.at = app, engine_of(app), RIGHT, BEGINNING
        self.agency, other = make_agency(self.engine), make_agency(self.engine, "oak")
        parts = services_of(app)
        jobs = HostJobs(self.engine, parts.directory, parts.secret, self.probe, lambda: self.at)
        self.context = replace(job_context(app, settings), check_hosts=jobs.check)
        with writing_global(self.engine) as session:
            add_host(session, self.agency.id, HOST)
            add_host(session, other.id, "pay.oak-insurance.com")

    def probe(self, host: str, proof: str) -> HostFound:
        assert_no_open_unit()
        assert len(proof) == 64
        return self.found if host == HOST else RIGHT

    def look(self, *seen: HostFound) -> None:
        for self.found in seen:
            self.at += timedelta(days=1)
            check_hosts(self.context)

    def tasks(self) -> list[tuple[str, bool]]:
        with reading(self.engine, self.agency.id) as session:
            query = select(StaffTask).where(StaffTask.kind == "host.lost")
            return [(task.detail["why"], task.closed_at is None) for task in session.scalars(query)]

    def mails(self) -> int:
        with reading(self.engine, self.agency.id) as session:
            rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.staff_news"))
            return sum(row.payload["news"] == "host_lost" for row in rows)


@pytest.fixture
def street(app: Flask, settings: Settings) -> Street:
    return Street(app, settings)


def test_a_host_that_never_worked_alarms_nobody_and_is_found_ready_by_itself(street: Street) -> None:
    street.look(HostFound("none"), HostFound("none"), HostFound("elsewhere"))
    assert street.tasks() == []
    street.look(RIGHT)
    with reading_global(street.engine) as session:
        (row,) = hosts_of(session, street.agency.id)
    assert (row.is_ready, row.checked_at) == (True, street.at)


def test_one_bad_moment_alarms_nobody_and_two_do_once(street: Street) -> None:
    admin = staff_visitor(street.app, street.agency, "admin")
    street.look(RIGHT, HostFound("none"), RIGHT, HostFound("here", "wrong"))
    assert (street.tasks(), street.mails()) == ([], 0)
    street.look(HostFound("here", "wrong"), HostFound("none"))
    assert (street.tasks(), street.mails()) == ([("no certificate", True)], 1)
    page = words(admin.get("/admin/attention"))
    assert "A host of your own no longer leads to the portal" in page
    assert HOST in page
    street.look(RIGHT)
    assert street.tasks() == [("no certificate", False)]


def test_a_host_still_lost_after_somebody_said_it_is_done_is_asked_for_again(street: Street) -> None:
    admin = staff_visitor(street.app, street.agency, "admin")
    street.look(RIGHT, HostFound("none"), HostFound("none"))
    with reading(street.engine, street.agency.id) as session:
        (matter,) = open_matters(session)
    admin.post(f"/admin/attention/{matter.id}/done", "/admin/attention", note="done")
    street.look(HostFound("none"))
    assert (street.tasks()[0][1], street.mails()) == (True, 2)


def test_a_host_that_is_removed_is_no_matter_any_more(street: Street) -> None:
    admin = staff_visitor(street.app, street.agency, "admin")
    street.look(RIGHT, HostFound("none"), HostFound("none"))
    admin.post("/admin/hosts/remove", f"/admin/hosts/remove?host={HOST}", host=HOST)
    assert street.tasks() == [("none", False)]
    street.look(HostFound("none"))
    assert street.tasks() == [("none", False)]


def test_a_host_that_is_removed_while_it_is_looked_at_stays_gone(street: Street) -> None:
    street.look(RIGHT, HostFound("none"))
    jobs = services_of(street.app)

    def probe(host: str, proof: str) -> HostFound:
        with writing_global(street.engine) as session:
            remove_host(session, street.agency.id, host)
        return HostFound("none")

    HostJobs(street.engine, jobs.directory, jobs.secret, probe, lambda: street.at).check(street.agency.id)
    assert street.tasks() == []
