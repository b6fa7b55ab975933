"""The hourly look at agencies and users: who is missing is made, who is inactive stays, one failure stops nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from portal.agencies.models import StaffMember
from portal.partners.models import Partner
from portal.policy_system.feed import poll
from portal.policy_system.models import ImportRecord, PolicyConnection, PolicyMapping, SyncRun
from portal.policy_system.protocol import AuthFailed, Unavailable
from portal.policy_system.records import Person
from portal.policy_system.runs import import_policies, sync_agencies
from portal.policy_system.stalled import STALLED_AFTER, is_stalled
from portal.policy_system.work import work
from tests.factories.there import HILL_COUNTRY, SAM, policy_there
from tests.policy_system.fake import Office, make_office


def hourly(office: Office) -> dict[str, int]:
    sync_agencies(office.line, lambda: office.now)
    counts: dict[str, int] = office.all(SyncRun)[-1].counts
    return counts


def test_hourly_agency_sync(engine: Engine) -> None:
    """Everything at first, then from ten minutes before the last start; everything again once a night."""
    office = make_office(engine)
    first, there = office.now, office.there
    there.agencies_there["513"] = replace(HILL_COUNTRY, id="513", name="Bayou Bend", phone=None)
    there.agencies_there["514"] = replace(HILL_COUNTRY, id="514", name="Lakefront", is_active=False)
    assert hourly(office) == {"created": 1, "failed": 1, "inactive": 1, "users_created": 1}
    assert [one.name for one in office.all(Partner)] == ["Hill Country Insurance Agency"]
    assert (office.record("513").state, office.codes("513")) == ("failed", ["BHQ_AGENCY_PHONE_MISSING"])
    there.agencies_there["513"] = replace(there.agencies_there["513"], phone="7135550140")
    office.now += timedelta(hours=1)
    assert hourly(office) == {"created": 1, "unchanged": 2}
    assert (office.record("513").state, office.codes("513")) == ("imported", [])
    office.now += timedelta(hours=23)
    hourly(office)
    assert there.asked_since == [None, first - timedelta(minutes=10), None]
    assert [one.kind for one in office.all(SyncRun)] == ["sweep", "agencies", "sweep"]


def test_an_agency_that_becomes_inactive_keeps_its_partner(engine: Engine) -> None:
    office = make_office(engine)
    hourly(office)
    office.there.agencies_there["512"] = replace(HILL_COUNTRY, is_active=False)
    office.now += timedelta(hours=1)
    assert hourly(office) == {"inactive": 1}
    assert office.one(Partner).archived_at is None
    assert not office.one(PolicyMapping, PolicyMapping.kind == "agency").is_active


def test_users_are_made_and_nobody_archived_is_revived(engine: Engine) -> None:
    office = make_office(engine)
    office.there.users_there = [SAM, Person("13", "Priya", "Nair", "Priya@mymga.example"), Person("14", "No", "Mail")]
    hourly(office)
    assert [one.email for one in office.all(StaffMember)] == ["sam@mymga.example", "priya@mymga.example"]
    assert office.codes("14") == ["BHQ_MGA_USER_EMAIL_MISSING"]
    with office.writing() as session:
        session.scalars(select(StaffMember).where(StaffMember.email == "sam@mymga.example")).one().is_active = False
    office.now += timedelta(hours=1)
    hourly(office)
    assert [one.is_active for one in office.all(StaffMember)] == [False, True]


def test_at_night_what_the_feed_has_lost_is_found(engine: Engine) -> None:
    office = make_office(engine)
    office.there.held["10442"] = policy_there()
    assert "missed" not in hourly(office), "the feed is still to be read for the first time"
    office.now += timedelta(hours=24)
    assert hourly(office)["missed"] == 1
    assert office.work() == {"imported": 1}


def test_trouble_is_noted_until_bindhq_answers_again(engine: Engine) -> None:
    office = make_office(engine)
    office.there.bind()
    for error, word in ((AuthFailed("401"), "BHQ_AUTH_FAILED"), (Unavailable("time-out"), "BHQ_UNAVAILABLE")):
        office.there.broken["events"] = error
        import_policies(office.line, lambda: office.now, lambda: True)
        assert office.one(PolicyConnection).trouble == word
    office.there.broken.clear()
    import_policies(office.line, lambda: office.now, lambda: True)
    assert (office.one(PolicyConnection).trouble, office.record().state) == ("", "imported")
    assert [run.counts for run in office.all(SyncRun)] == [{}, {}, {"events": 1, "new": 1, "imported": 1}]


def many(engine: Engine, policies: int, monkeypatch: pytest.MonkeyPatch) -> Office:
    """So many policies wait, of which two are worked at once."""
    monkeypatch.setattr("portal.policy_system.work.BATCH", 2)
    office = make_office(engine)
    for number in range(policies):
        office.there.bind(policy_there(str(20_000 + number)))
    return office


def test_how_far_a_run_has_come_is_seen_while_it_goes_on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    office = many(engine, 5, monkeypatch)
    seen = []

    def within() -> bool:
        seen.append([(run.ended_at, run.counts.get("imported")) for run in office.all(SyncRun)])
        return True

    import_policies(office.line, lambda: office.now, within)
    assert seen == [[], [], [(None, 2)], [(None, 5)]], "the second batch is begun while the first is applied"
    assert [(run.ended_at, run.counts["imported"]) for run in office.all(SyncRun)] == [(office.now, 5)]


def test_what_became_due_while_the_last_full_batch_was_applied_is_worked_too(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = many(engine, 2, monkeypatch)

    def bind_another() -> None:
        if len(office.there.held) == 2:
            office.there.bind(policy_there("20009"))
            poll(office.line, lambda: office.now)

    poll(office.line, lambda: office.now)
    assert work(office.line, lambda: office.now, lambda: True, tell=bind_another) == {"imported": 3}


def test_what_came_in_before_the_line_broke_is_counted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    office = many(engine, 3, monkeypatch)
    office.there.broken["20002"] = Unavailable("time-out")
    import_policies(office.line, lambda: office.now, lambda: True)
    run = office.one(SyncRun)
    assert (run.counts["imported"], run.errors) == (2, ["Unavailable: time-out"])
    states = {record.object_id: record.state for record in office.all(ImportRecord)}
    assert states == {"20000": "imported", "20001": "imported", "20002": "queued"}


def test_a_feed_that_never_answered_stands_still_too(engine: Engine) -> None:
    office = make_office(engine)
    assert not is_stalled(office.one(PolicyConnection), office.now + STALLED_AFTER * 2), "it was never asked"
    office.there.broken["events"] = Unavailable("time-out")
    import_policies(office.line, lambda: office.now, lambda: True)
    assert not is_stalled(office.one(PolicyConnection), office.now + STALLED_AFTER)
    assert is_stalled(office.one(PolicyConnection), office.now + STALLED_AFTER * 2)
