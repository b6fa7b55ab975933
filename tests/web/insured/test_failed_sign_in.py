"""Sign-ins that fail are known to the agency by whose they are; who asks learns nothing from it."""

from datetime import UTC, datetime
from functools import partial

import pytest
import structlog
from flask import Flask
from sqlalchemy import select

from portal.access.failed_sign_ins import SIGN_IN_FAILED
from portal.agencies.found import add_staff
from portal.agencies.models import Agency
from portal.core.audit import SYSTEM, AuditEntry, tell
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, writing
from portal.jobs.context import OutboxItem
from portal.jobs.failed_sign_in import keep_failed_sign_in
from portal.reports.audit_words import ACTION_WORDS
from tests.factories.people import make_agency, make_insured
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, newest_mail, services_of, set_clock, wait, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
ANA, SAM, NOBODY = "ana@bakery.example", "sam@harbor.example", "nobody@bakery.example"


@pytest.fixture
def agency(app: Flask) -> Agency:
    agency = make_agency(engine_of(app))
    set_clock(app, AT)
    with writing(engine_of(app), agency.id) as session:
        make_insured(session, ANA)
        add_staff(session, SAM, "Sam", "support", SYSTEM, AT)
    return agency


def work(app: Flask, agency: Agency) -> list[dict]:
    """Let the job work every failure; what it logged."""
    with reading(engine_of(app), agency.id) as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == SIGN_IN_FAILED).order_by(OutboxRow.id)).all()
    keep = partial(keep_failed_sign_in, engine_of(app), services_of(app).secret)
    with structlog.testing.capture_logs() as logged:
        for row in rows:
            keep(OutboxItem(agency.id, row.id, row.kind, row.dedupe_key, row.payload, 1))
    return [entry for entry in logged if entry["event"] == "signin.failed"]


def failures(app: Flask, agency: Agency) -> list[tuple]:
    """What the audit says, as admins read it."""
    with reading(engine_of(app), agency.id) as session:
        failed = AuditEntry.action.endswith("sign_in_failed")
        told = tell(session, session.scalars(select(AuditEntry).where(failed).order_by(AuditEntry.id)).all())
    return [(each.action, each.actor.name, each.actor.ip, each.detail["reason"]) for each in told]


def test_a_wrong_code_is_in_the_audit_with_whose_sign_in_it_was(app: Flask, agency: Agency) -> None:
    for email in (ANA, SAM, NOBODY):
        visitor = Visitor(app, agency, "192.0.2.7")
        visitor.post("/sign-in", email=email)
        visitor.post("/sign-in/check", code="00000x")
    logged = work(app, agency)
    assert failures(app, agency) == [
        ("insured.sign_in_failed", ANA, "192.0.2.7", "wrong code"),
        ("staff.sign_in_failed", SAM, "192.0.2.7", "wrong code"),
    ]
    assert [entry["said"] for entry in logged] == ["wrong code"] * 3
    assert len({entry["digest"] for entry in logged}) == 3
    assert not [entry for entry in logged if "@" in str(entry)]


def test_each_try_is_told_and_none_twice(app: Flask, agency: Agency) -> None:
    ana = Visitor(app, agency)
    ana.post("/sign-in", email=ANA)
    for _ in range(5):
        ana.post("/sign-in/check", code="00000x")
    for _ in range(3):
        ana.post("/sign-in/check", "/sign-in", code="00000x")
    work(app, agency)
    assert [reason for *_, reason in failures(app, agency)] == [*["wrong code"] * 5, "code over"]


def test_a_link_pressed_elsewhere_or_too_late_is_told_once(app: Flask, agency: Agency) -> None:
    ana = Visitor(app, agency)
    ana.post("/sign-in", email=ANA)
    link = f"/sign-in/link/{newest_mail(app, agency).link_token}"
    for _ in range(2):
        Visitor(app, agency, "203.0.113.5").post(link, "/sign-in")
    wait(app, minutes=11)
    for _ in range(2):
        ana.post(link, "/sign-in")
    ana.post("/sign-in/link/made.up", "/sign-in")
    work(app, agency)
    assert failures(app, agency) == [
        ("insured.sign_in_failed", ANA, "203.0.113.5", "link of another browser"),
        ("insured.sign_in_failed", ANA, "192.0.2.1", "link over"),
    ]


def test_the_request_does_the_same_for_every_address(app: Flask, agency: Agency) -> None:
    written = []
    for email in (ANA, NOBODY):
        visitor = Visitor(app, agency)
        visitor.post("/sign-in", email=email)
        visitor.post("/sign-in/check", code="00000x")
        with reading(engine_of(app), agency.id) as session:
            written.append((session.query(OutboxRow).count(), session.query(AuditEntry).count()))
    assert written[1][0] == 2 * written[0][0]
    assert written[1][1] == written[0][1]


def test_admins_filter_them_in_the_audit_trail(app: Flask, agency: Agency) -> None:
    sam = Visitor(app, agency)
    sam.post("/sign-in", email=SAM)
    sam.post("/sign-in/check", code="00000x")
    work(app, agency)
    page = words(staff_visitor(app, agency, "admin").get("/admin/audit?action=staff.sign_in_failed&actor=sam@"))
    assert f"{ACTION_WORDS['staff.sign_in_failed']} {SAM} · 192.0.2.1 · reason wrong code" in page
