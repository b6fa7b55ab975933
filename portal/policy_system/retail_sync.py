"""The hourly look at BindHQ's agencies and users: who is missing is made, who is inactive skipped, nobody deleted."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.core.db import run_unit
from portal.core.errors import PortalError
from portal.core.tenancy import Scoped, reading, writing
from portal.policy_system.calling import BINDHQ, Line
from portal.policy_system.connection import connection_of
from portal.policy_system.intake import ObjectType
from portal.policy_system.mappings import TheirName, known_of, see
from portal.policy_system.models import ImportRecord, PolicyMapping
from portal.policy_system.people import add_missing_staff
from portal.policy_system.records import AgencyThere, Company, Page, Person
from portal.policy_system.retailers import partner_for, partners_of
from portal.policy_system.rules import Failure, failure
from portal.policy_system.validate import agency_failures, agent_failures, is_refused, user_failures

OVERLAP = timedelta(minutes=10)
"""So long before the last run began the next one looks."""
AT_ONCE = 20
"""So many changed agencies are taken in one unit: on SQLite nobody else writes meanwhile."""


def sync_retail(
    line: Line, now: Callable[[], datetime], counts: Counter[str], tell: Callable[[], None], *, everything: bool
) -> None:
    """Look at the agencies that have changed since the last run, and at all users, carriers and coverage types.

    Args:
        counts: what is counted on.
        tell: called after each part.
        everything: all agencies, as once a night.

    Raises:
        PolicySystemError: BindHQ refuses, or does not answer.
    """
    started = now()
    since = None if everything else _since(line)
    number: int | None = 1
    while number is not None:
        page = line.system.agencies(number, since)
        changed = _changed(line, page.rows)
        counts += Counter(unchanged=len(page.rows) - len(changed), unreadable=len(page.problems))
        for first in range(0, len(changed), AT_ONCE):
            counts += _agencies(line, changed[first : first + AT_ONCE], now())
            tell()
        number = page.next_page
    number = 1
    while number is not None:
        users = line.system.users(number)
        counts += _users(line, users.rows, now())
        counts += Counter(unreadable=len(users.problems))
        number = users.next_page
    refresh_lists(line, now())
    with writing(line.engine, line.agency_id) as session:
        row = connection_of(session)
        if row is not None:
            row.agencies_synced_at = started
            row.swept_at = started if everything else row.swept_at


def take_agency(session: Scoped, agency: AgencyThere, at: datetime) -> tuple[str, Sequence[Failure]]:
    """Take note of an agency, and make its partner if there is none; says what came of it, in a word.

    Args:
        session: a write unit.
    """
    mapping = session.scalars(
        select(PolicyMapping).where(PolicyMapping.kind == "agency", PolicyMapping.external_id == agency.id)
    ).one_or_none()
    if mapping is None:
        mapping = PolicyMapping(kind="agency", external_id=agency.id, detail={}, seen_at=at)
        session.add(mapping)
    agent = next(iter(agency.agents), None)
    mapping.name, mapping.detail, mapping.is_active = agency.name or "", _detail(agency, agent), agency.is_active
    mapping.digest, mapping.seen_at = digest_of(agency), at
    session.flush()
    failures = agency_failures(agency, agent)
    if not agency.is_active:
        return "inactive", failures
    if agency.id not in partners_of(session, [agency.id]):
        failures += agent_failures(agent)
    if is_refused(failures):
        return "failed", failures
    _, is_new = partner_for(session, agency, agent, BINDHQ, at)
    return "created" if is_new else "known", failures


def digest_of(agency: AgencyThere) -> str:
    """Of all that BindHQ says of an agency, but when it said so."""
    return sha256(repr(replace(agency, updated_at=None)).encode()).hexdigest()[:32]


def _changed(line: Line, rows: Sequence[AgencyThere]) -> list[AgencyThere]:
    """Those that are not as the last sync has read them, or have no partner yet."""
    with reading(line.engine, line.agency_id) as session:
        ids = [row.id for row in rows]
        query = select(PolicyMapping.external_id, PolicyMapping.digest).where(
            PolicyMapping.kind == "agency", PolicyMapping.external_id.in_(ids)
        )
        seen, partners = dict(session.execute(query).all()), partners_of(session, ids)
    return [row for row in rows if seen.get(row.id) != digest_of(row) or (row.is_active and row.id not in partners)]


def _agencies(line: Line, rows: Sequence[AgencyThere], at: datetime) -> Counter[str]:
    """Some of them in one unit; where one does not fit, each in its own, and the failed one is noted."""
    try:
        return run_unit(lambda: _agency_unit(line, rows, at))
    except (PortalError, IntegrityError) as error:
        if len(rows) > 1:
            return sum((_agencies(line, [row], at) for row in rows), Counter[str]())
        said = error.message if isinstance(error, PortalError) else "it is here already in another way"
        (agency,) = rows
        why = [failure("BHQ_NOT_APPLIED", "agency", said)]
        run_unit(lambda: _note_alone(line, agency, why, at))
        return Counter(failed=1)


def _agency_unit(line: Line, rows: Sequence[AgencyThere], at: datetime) -> Counter[str]:
    counts: Counter[str] = Counter()
    with writing(line.engine, line.agency_id) as session:
        for agency in rows:
            outcome, failures = take_agency(session, agency, at)
            counts[outcome] += 1
            note(session, "agency", agency.id, agency.name or "", failures if outcome == "failed" else (), at)
    return counts


def _users(line: Line, rows: Sequence[Person], at: datetime) -> Counter[str]:
    def unit() -> Counter[str]:
        counts: Counter[str] = Counter()
        with writing(line.engine, line.agency_id) as session:
            known, fit = known_of(session), []
            for user in rows:
                if not user.is_active:
                    continue
                failures = user_failures(user, known)
                archived = any(one.code == "BHQ_MGA_USER_ARCHIVED" for one in failures)
                if is_refused(failures) and not archived:
                    counts["failed"] += 1
                elif not archived:
                    fit.append(user)
                name = f"{user.first_name or ''} {user.last_name or ''}".strip() or user.email or ""
                note(session, "user", user.id, name, () if archived else failures, at)
            counts["users_created"] += add_missing_staff(session, fit, BINDHQ, at)
        return counts

    return run_unit(unit)


def refresh_lists(line: Line, at: datetime) -> None:
    """Coverage types, carriers and marketing companies: the new ones wait to be mapped."""
    coverages = [TheirName(one.code, one.name or one.code) for one in line.system.coverage_types() if one.code]
    carriers = _companies(line.system.carriers)
    marketing = _companies(line.system.marketing_companies)

    def unit() -> None:
        with writing(line.engine, line.agency_id) as session:
            see(session, "coverage", coverages, at)
            see(session, "carrier", carriers, at)
            see(session, "marketing_company", marketing, at)

    run_unit(unit)


def _companies(read: Callable[[int], Page[Company]]) -> list[TheirName]:
    found: list[TheirName] = []
    number: int | None = 1
    while number is not None:
        page = read(number)
        found += [TheirName(one.id, one.name or one.id, one.naic_code or "") for one in page.rows]
        number = page.next_page
    return found


def note(
    session: Scoped, object_type: ObjectType, object_id: str, name: str, failures: Sequence[Failure], at: datetime
) -> None:
    """Keep what stands against one that a sync has looked at; what was mended elsewhere is imported."""
    query = select(ImportRecord).where(ImportRecord.object_type == object_type, ImportRecord.object_id == object_id)
    record = session.scalars(query.with_for_update()).one_or_none()
    if record is None and not failures:
        return
    if record is None:
        record = ImportRecord(
            object_type=object_type, object_id=object_id, state="failed", news=[], failures=[], lease_until=at,
            heard_at=at, worked=1,
        )  # fmt: skip
        session.add(record)
    if record.state in {"queued", "processing"}:
        return
    record.name, record.search_key = name, f"{object_id} {name}".lower()
    record.state = "failed" if failures else "imported"
    record.failures, record.done_at = [one.stored() for one in failures], at
    session.flush()


def _note_alone(line: Line, agency: AgencyThere, failures: Sequence[Failure], at: datetime) -> None:
    with writing(line.engine, line.agency_id) as session:
        note(session, "agency", agency.id, agency.name or "", failures, at)


def _since(line: Line) -> datetime | None:
    with reading(line.engine, line.agency_id) as session:
        row = connection_of(session)
        return row.agencies_synced_at - OVERLAP if row is not None and row.agencies_synced_at else None


def _detail(agency: AgencyThere, agent: Person | None) -> dict[str, str]:
    """What the page of mappings shows of an agency."""
    address = agency.address
    place = ", ".join(
        part for part in (address.line1, address.line2, address.city, address.state, address.postal_code) if part
    )
    contact = f"{agent.first_name or ''} {agent.last_name or ''}".strip() if agent else ""
    email = agency.email or (agent.email if agent else "") or ""
    return {"address": place, "phone": agency.phone or "", "contact": contact, "email": email}
