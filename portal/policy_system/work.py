"""Work what waits: lease a batch, fetch each record whole, then apply them in one unit; a network call is in none.

While one batch is applied the next is fetched: BindHQ answers meanwhile.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.core.db import run_unit
from portal.core.errors import PortalError
from portal.core.tenancy import writing
from portal.core.text import text
from portal.policy_system.applying import Applying, Fetched, Unreadable, WholeEndorsement
from portal.policy_system.calling import BINDHQ, Line
from portal.policy_system.intake import Leased, hold, lease, put_back, unanswered, wait_after
from portal.policy_system.mappings import known_of
from portal.policy_system.models import PolicyConnection
from portal.policy_system.protocol import (
    AuthFailed,
    ChangedSchema,
    NotFound,
    PolicySystem,
    PolicySystemError,
    Refused,
    Unavailable,
)
from portal.policy_system.rules import failure
from portal.policy_system.voiding import settle_waiting

BATCH = 100
THREADS = 8
TRIES = 3
"""So often one record is tried that meets what another worker writes."""
Batch = Sequence[tuple[Leased, Fetched]]


@dataclass(frozen=True, slots=True)
class _Taken:
    """A leased batch, what could be fetched of it, and why the rest could not: BindHQ as a whole does not answer."""

    leased: Sequence[Leased]
    fetched: Batch
    silence: PolicySystemError | None

    def unfetched(self) -> list[Leased]:
        there = {each for each, _ in self.fetched}
        return [one for one in self.leased if one not in there]


def work(
    line: Line,
    now: Callable[[], datetime],
    within: Callable[[], bool],
    counts: Counter[str] | None = None,
    tell: Callable[[], None] = lambda: None,
) -> Counter[str]:
    """Work due records until none is left, or the time is over; says how many came out how.

    Args:
        within: whether another batch may be begun.
        counts: what is counted on; what came out is there too when the line breaks.
        tell: called after each batch.

    Raises:
        PolicySystemError: BindHQ refuses, or does not answer; what was leased waits again.
    """
    counts = Counter() if counts is None else counts
    with ThreadPoolExecutor(1, thread_name_prefix="bindhq-next") as beside:
        coming: Future[_Taken] | None = None
        while coming or within():
            taken = coming.result() if coming else _take(line, now)
            if not taken.leased and coming is None:
                break
            goes_on = len(taken.leased) == BATCH and taken.silence is None and within()
            coming = beside.submit(_take, line, now) if goes_on else None
            counts += _apply(line, taken.fetched, now())
            if taken.silence is not None:
                _give_back(line, taken.unfetched(), taken.silence, now())
                raise taken.silence
            tell()
    counts["settled"] += run_unit(lambda: _settle(line, now()))
    return +counts


def fetch(system: PolicySystem, leased: Leased) -> Fetched:
    """A record whole, as it is now.

    Raises:
        AuthFailed, Unavailable: of BindHQ as a whole, not of this record.
    """
    try:
        match leased.object_type:
            case "policy":
                return system.policy(leased.object_id)
            case "endorsement":
                endorsement = system.endorsement(leased.object_id)
                return WholeEndorsement(endorsement, system.policy(endorsement.policy.id))
            case "agency":
                return system.agency(leased.object_id)
            case _:
                return _user(system, leased.object_id)
    except NotFound:
        return Unreadable(failure("BHQ_NOT_FOUND", leased.object_type, leased.object_id))
    except ChangedSchema as error:
        return Unreadable(failure("BHQ_UNREADABLE", error.where, error), error.payload)
    except Refused as error:
        return Unreadable(failure("BHQ_UNREADABLE", leased.object_type, error))


def _user(system: PolicySystem, user_id: str) -> Fetched:
    number: int | None = 1
    while number is not None:
        page = system.users(number)
        for user in page.rows:
            if user.id == user_id:
                return user
        number = page.next_page
    raise NotFound


def _take(line: Line, now: Callable[[], datetime]) -> _Taken:
    leased = run_unit(lambda: lease(line.engine, line.agency_id, BATCH, now()))
    silence: list[PolicySystemError] = []

    def one(each: Leased) -> Fetched | None:
        if silence:
            return None
        try:
            return fetch(line.system, each)
        except (AuthFailed, Unavailable) as error:
            silence.append(error)
            return None

    with ThreadPoolExecutor(THREADS, thread_name_prefix="bindhq") as pool:
        found = list(pool.map(one, leased))
    fetched = [(each, there) for each, there in zip(leased, found, strict=True) if there is not None]
    return _Taken(leased, fetched, next(iter(silence), None))


def _apply(line: Line, fetched: Batch, at: datetime) -> Counter[str]:
    """Apply a batch in one unit; where one of them does not fit, each in a unit of its own."""
    if not fetched:
        return Counter()
    try:
        return run_unit(lambda: _unit(line, fetched, at))
    except (PortalError, IntegrityError):
        counts: Counter[str] = Counter()
        for one in fetched:
            counts += _alone(line, one, at)
        return counts


def _alone(line: Line, one: tuple[Leased, Fetched], at: datetime) -> Counter[str]:
    why = text("it is here already in another way, or something it needs has just changed. Re-sync it.")
    for _ in range(TRIES):
        try:
            return run_unit(lambda: _unit(line, [one], at))
        except PortalError as error:
            why = error.message
            break
        except IntegrityError:
            continue  # another worker has just made the same insured, partner or user
    refused = Unreadable(failure("BHQ_NOT_APPLIED", one[0].object_type, why))
    return run_unit(lambda: _unit(line, [(one[0], refused)], at))


def _unit(line: Line, fetched: Batch, at: datetime) -> Counter[str]:
    with writing(line.engine, line.agency_id) as session:
        sends_link = bool(session.scalar(select(PolicyConnection.sends_link)))
        applying = Applying(session, known_of(session), line.binding(at), sends_link)
        applying.take(hold(session, [leased for leased, _ in fetched]), fetched)
        return applying.outcomes


def _give_back(line: Line, leased: Sequence[Leased], why: PolicySystemError, at: datetime) -> None:
    def unit() -> None:
        with writing(line.engine, line.agency_id) as session:
            held = hold(session, leased)
            for one in leased:
                record = held.get(one.id)
                if record is None:
                    continue
                if isinstance(why, AuthFailed):
                    put_back(session, record, at + wait_after(3))
                    record.failures = [failure("BHQ_AUTH_FAILED", "connection").stored()]
                    continue
                again = at + wait_after(one.unanswered + 1)
                said = again.astimezone(ZoneInfo(line.time_zone)).strftime("%I:%M %p").lstrip("0")
                unanswered(session, record, failure("BHQ_UNAVAILABLE", "connection", why, next=said), again, at)

    run_unit(unit)


def _settle(line: Line, at: datetime) -> int:
    with writing(line.engine, line.agency_id) as session:
        return settle_waiting(session, BINDHQ, line.binding(at).today, at)
