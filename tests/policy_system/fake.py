"""A BindHQ in memory: what is bound there, its feed, and what goes wrong. Everything is as `records` has it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from portal.core.tenancy import Scoped, assert_no_open_unit, reading, writing
from portal.policy_system.calling import BINDHQ, Line
from portal.policy_system.feed import poll
from portal.policy_system.mappings import TheirName, map_suggested, see
from portal.policy_system.models import ImportAttempt, ImportRecord
from portal.policy_system.protocol import CursorGone, NotFound, PolicySystemError
from portal.policy_system.records import (
    AgencyThere,
    EndorsementThere,
    FeedEvent,
    FeedPage,
    Page,
    Person,
    PolicyThere,
)
from portal.policy_system.work import work
from tests.factories.people import BOX, key_of, make_agency
from tests.factories.policy_system import make_connection
from tests.factories.there import BOUND, HILL_COUNTRY, SAM, policy_there

TODAY = BOUND + timedelta(days=5)


@dataclass
class FakeBindHQ:
    """Stands in for one agency's BindHQ. `broken`: what a call about an object raises, by its id."""

    held: dict[str, PolicyThere] = field(default_factory=dict)
    endorsed: dict[str, EndorsementThere] = field(default_factory=dict)
    agencies_there: dict[str, AgencyThere] = field(default_factory=lambda: {"512": HILL_COUNTRY})
    users_there: list[Person] = field(default_factory=lambda: [SAM])
    feed: list[FeedEvent] = field(default_factory=list)
    broken: dict[str, PolicySystemError] = field(default_factory=dict)
    oldest: int = 0
    asked_since: list[datetime | None] = field(default_factory=list)

    def tell(self, kind: str, object_id: str) -> None:
        number = len(self.feed) + 1
        self.feed.append(FeedEvent(f"evt_{number}", kind, BOUND, kind.partition(".")[0], object_id))

    def bind(self, policy: PolicyThere | None = None, kind: str = "policy.bound") -> None:
        policy = policy or policy_there()
        self.held[policy.id] = policy
        self.tell(kind, policy.id)

    def change(self, policy_id: str = "10442", kind: str = "policy.updated", **changes: Any) -> None:
        known = self.held[policy_id]
        self.bind(replace(known, version=known.version + 1, **changes), kind)

    def issue(self, endorsement: EndorsementThere, kind: str = "endorsement.issued") -> None:
        self.endorsed[endorsement.id] = endorsement
        self.tell(kind, endorsement.id)

    def _ask(self, object_id: str) -> None:
        assert_no_open_unit()
        if object_id in self.broken:
            raise self.broken[object_id]

    def events(self, after: str | None, limit: int = 500) -> FeedPage:
        self._ask("events")
        first = int(after or 0)
        if after is not None and first < self.oldest:
            raise CursorGone("too old")
        last = min(max(first, self.oldest) + limit, len(self.feed))
        return FeedPage(tuple(self.feed[max(first, self.oldest) : last]), str(last), last < len(self.feed))

    def policy(self, policy_id: str) -> PolicyThere:
        self._ask(policy_id)
        if policy_id not in self.held:
            raise NotFound
        return self.held[policy_id]

    def endorsement(self, endorsement_id: str) -> EndorsementThere:
        self._ask(endorsement_id)
        return self.endorsed[endorsement_id]

    def endorsements(self, policy_id: str) -> Sequence[EndorsementThere]:
        return [one for one in self.endorsed.values() if one.policy.id == policy_id]

    def policies(self, page: int = 1, updated_since: datetime | None = None) -> Page[PolicyThere]:
        return Page(tuple(self.held.values()), None, len(self.held))

    def agency(self, agency_id: str) -> AgencyThere:
        self._ask(agency_id)
        return self.agencies_there[agency_id]

    def agencies(self, page: int = 1, updated_since: datetime | None = None) -> Page[AgencyThere]:
        self._ask("agencies")
        self.asked_since.append(updated_since)
        return Page(tuple(self.agencies_there.values()), None, len(self.agencies_there))

    def users(self, page: int = 1) -> Page[Person]:
        return Page(tuple(self.users_there), None, len(self.users_there))

    def carriers(self, page: int = 1) -> Page[Any]:
        return Page((), None, 0)

    def marketing_companies(self, page: int = 1) -> Page[Any]:
        return Page((), None, 0)

    def coverage_types(self) -> Sequence[Any]:
        return ()


@dataclass
class Office:
    """One agency with its BindHQ connected and mapped; `sync` is what the job does."""

    engine: Engine
    line: Line
    there: FakeBindHQ
    now: datetime = TODAY

    def sync(self) -> dict[str, int]:
        poll(self.line, lambda: self.now)
        return self.work()

    def work(self) -> dict[str, int]:
        return dict(work(self.line, lambda: self.now, lambda: True))

    def record(self, object_id: str = "10442") -> ImportRecord:
        with reading(self.engine, self.line.agency_id) as session:
            return session.scalars(select(ImportRecord).where(ImportRecord.object_id == object_id)).one()

    def outcomes(self, object_id: str = "10442") -> list[str]:
        with reading(self.engine, self.line.agency_id) as session:
            query = select(ImportAttempt.outcome).join(ImportRecord, ImportRecord.id == ImportAttempt.record_id)
            return list(session.scalars(query.where(ImportRecord.object_id == object_id).order_by(ImportAttempt.id)))

    def codes(self, object_id: str = "10442") -> list[str]:
        return [one["code"] for one in self.record(object_id).failures]

    def all(self, model: type[Any], *where: Any) -> list[Any]:
        with reading(self.engine, self.line.agency_id) as session:
            return list(session.scalars(select(model).where(*where).order_by(model.id)))

    def one(self, model: type[Any], *where: Any) -> Any:
        (row,) = self.all(model, *where)
        return row

    def writing(self) -> Any:
        return writing(self.engine, self.line.agency_id)


def make_office(engine: Engine, **typed: Any) -> Office:
    """An agency whose BindHQ is connected, with everything of the usual policy mapped."""
    agency, there = make_agency(engine), FakeBindHQ()
    with writing(engine, agency.id) as session:
        make_connection(session, BOX, **typed)
        map_usual(session)
    line = Line(engine, agency.id, there, key_of(agency), agency.time_zone)  # type: ignore[arg-type]
    return Office(engine, line, there)


def map_usual(session: Scoped) -> None:
    from portal.agencies.kept_lists import put

    see(session, "coverage", [TheirName("CGL", "General Liability")], BOUND)
    see(session, "carrier", [TheirName("301", "Evanston Insurance Company", "35378")], BOUND)
    put(session, "wholesaler", "", "Sample Surplus Brokers", BINDHQ, BOUND)
    see(session, "marketing_company", [TheirName("77", "Sample Surplus Brokers")], BOUND)
    for kind in ("coverage", "carrier", "marketing_company"):
        assert map_suggested(session, kind, BINDHQ, BOUND) == 1  # type: ignore[arg-type]
