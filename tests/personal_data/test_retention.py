"""Records that nobody needs any more are forgotten each night, for each agency after its own days."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from portal.access.guest_breaker import GuestHour
from portal.access.models import EmailChange, SignInChallenge, SignInSession, Try
from portal.core.errors import BadInput
from portal.core.outbox import OutboxRow, enqueue
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import reading, reading_global, writing, writing_global
from portal.jobs.context import JobContext
from portal.jobs.forget_records import forget_records
from portal.notices.models import SentMail
from portal.payments.models import GatewayEvent
from portal.personal_data import retention
from portal.personal_data.retention import KINDS, days_of, set_days
from tests.factories.people import BEGINNING
from tests.personal_data.family import Family, make_family

FORGOTTEN = (SignInChallenge, SignInSession, EmailChange, Try, GuestHour, OutboxRow, StaffTask)


@pytest.fixture
def family(engine: Engine) -> Family:
    """With one row at least of every kind, all of the same day and done with."""
    made = make_family(engine)
    with writing(engine, made.agency.id) as session:
        session.add(GuestHour(hour=BEGINNING))
        for key in "done", "waiting":
            enqueue(session, "note", key, {}, BEGINNING)
        done = session.scalars(select(OutboxRow).where(OutboxRow.dedupe_key == "done")).one()
        done.done_at = BEGINNING
        for task in session.scalars(select(StaffTask)):
            task.closed_at = BEGINNING
    with writing_global(engine) as unscoped:
        for handled in BEGINNING, None:
            unscoped.add(
                GatewayEvent(
                    account="acct_1",
                    event_id=f"evt_{handled}",
                    kind="x",
                    object_id="pi_1",
                    received_at=BEGINNING,
                    lease_until=BEGINNING,
                    handled_at=handled,
                    outcome=None,
                )
            )
    return made


def counts(engine: Engine, family: Family) -> dict[str, int]:
    with reading(engine, family.agency.id) as session:
        found = {model.__tablename__: session.scalar(select(func.count(model.id))) or 0 for model in FORGOTTEN}
        found["bodies"] = len(session.scalars(select(SentMail.id).where(SentMail.text_body != "")).all())
        found["mails"] = len(session.scalars(select(SentMail.id)).all())
    with reading_global(engine) as unscoped:
        found["events"] = len(unscoped.scalars(select(GatewayEvent.id)).all())
    return found


def after(jobs: JobContext, **spans: int) -> JobContext:
    return replace(jobs, now=lambda: BEGINNING + timedelta(**spans))


def test_what_is_young_is_kept(engine: Engine, family: Family, jobs: JobContext) -> None:
    before = counts(engine, family)
    assert min(before.values()) > 0
    forget_records(after(jobs, hours=12))
    assert counts(engine, family) == before


def test_in_the_end_all_is_forgotten_but_what_still_waits(engine: Engine, family: Family, jobs: JobContext) -> None:
    mails = counts(engine, family)["mails"]
    forget_records(after(jobs, days=1_000))
    nothing_left = dict.fromkeys((model.__tablename__ for model in FORGOTTEN), 0)
    assert counts(engine, family) == nothing_left | {"outbox": 1, "bodies": 0, "mails": mails, "events": 1}


def test_each_kind_has_its_own_time(engine: Engine, family: Family, jobs: JobContext) -> None:
    forget_records(after(jobs, days=31))
    found = counts(engine, family)
    assert (found["sign_in_challenge"], found["access_try"], found["outbox"]) == (0, 0, 1)
    assert min(found["sign_in_session"], found["staff_task"], found["bodies"], found["email_change"]) > 0


def test_an_agency_keeps_records_for_as_long_as_it_says(engine: Engine, family: Family, jobs: JobContext) -> None:
    with writing(engine, family.agency.id) as session:
        set_days(session, "sign-in-challenges", 200)
        set_days(session, "sessions", 5)
        set_days(session, "sessions", 10)
        assert days_of(session)["sessions"] == 10
    forget_records(after(jobs, days=31))
    found = counts(engine, family)
    assert found["sign_in_challenge"] > 0
    assert found["sign_in_session"] == 0


@pytest.mark.parametrize(
    ("kind", "days"), [("tries", 1), ("outbox", 6), ("sessions", 0), ("sessions", 9_999), ("x", 30)]
)
def test_days_that_the_portal_cannot_live_with_are_refused(
    engine: Engine, family: Family, kind: str, days: int
) -> None:
    with writing(engine, family.agency.id) as session, pytest.raises(BadInput):
        set_days(session, kind, days)


def test_many_are_forgotten_in_batches(
    engine: Engine, family: Family, jobs: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    forget_records(after(jobs, days=1_000))
    assert counts(engine, family)["sign_in_challenge"] == 0


def test_every_default_is_one_that_could_be_set(engine: Engine, family: Family) -> None:
    with writing(engine, family.agency.id) as session:
        for name, kind in KINDS.items():
            set_days(session, name, kind.days)
