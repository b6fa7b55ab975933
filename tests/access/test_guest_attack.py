"""Guessing at the guest's look-up, simulated: what attackers find in a day, and what honest guests notice.

An agency with policies over 50 ZIPs; each attacker has a network of its own and ten tries an hour. Vertical
ones try many ZIPs at one policy they know of, horizontal ones many policies with one ZIP.
"""

import os
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert

from portal.access.guest_lookup import look_up
from portal.agencies.models import Agency
from portal.core.db import make_engine
from portal.core.errors import TooMany
from portal.core.tenancy import writing
from portal.insureds.models import Insured
from portal.programs.guest_keys import reindex
from portal.programs.guest_pin import guest_pin
from portal.programs.models import Policy, Program
from tests.factories.people import key_of, make_agency, make_insured, make_policy, make_program

MIDNIGHT = datetime(2026, 7, 15, 4, tzinfo=UTC)
ZIPS = [f"{10_000 + number}" for number in range(50)]
MOST_HITS_A_DAY = 5
FULL = bool(os.environ.get("PORTAL_FULL_FAULTS"))
ATTACKERS, POLICIES = (10_000, 50_000) if FULL else (400, 1_000)
TRIES_EACH = 10


@dataclass
class Day:
    """What came of one day."""

    hits: set[int] = field(default_factory=set)
    tries: int = 0
    tries_until_open: int | None = None
    honest_found: int = 0
    honest_asked_for_pin: int = 0


def number_of(policy: int) -> str:
    return f"CPS {policy:07d}"


@pytest.fixture
def large_agency(sqlite_template, tmp_path) -> tuple[Engine, Agency]:
    """An agency with one program for each policy, at ZIPs drawn by their number."""
    path = tmp_path / "attack.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        insured = make_insured(session)
        program = make_program(session, insured)
        policy = make_policy(session, program, number_of(0))
        shapes = {
            row: {key: value for key, value in vars(row).items() if not key.startswith("_")}
            for row in (insured, program, policy)
        }
        for begin in range(1, POLICIES, 1_000):
            several = range(begin, min(begin + 1_000, POLICIES))
            for shape, model, changes in (
                (insured, Insured, lambda n: {"reference": f"BULK-{n}", "postal_code": ZIPS[n % 50]}),
                (program, Program, lambda n: {"reference": f"BULK-{n}", "insured_id": insured.id + n}),
                (policy, Policy, lambda n: {"policy_number": number_of(n), "program_id": program.id + n}),
            ):
                rows = [shapes[shape] | {"id": shape.id + n} | changes(n) for n in several]
                session.execute(insert(model), rows)
        reindex(session, key_of(agency), [program.id + n for n in range(POLICIES)])
    return engine, agency


def attack(engine: Engine, agency: Agency, style: str, seed: int) -> Day:
    """One day of guessing, with an honest guest between now and then."""
    chance, day = random.Random(seed), Day()
    first = program_zero(engine, agency)
    for attacker in range(ATTACKERS):
        known, postal_code = chance.randrange(1, POLICIES), chance.choice(ZIPS)
        at = MIDNIGHT + timedelta(hours=20) * attacker / ATTACKERS
        for _ in range(TRIES_EACH):
            if style == "vertical":
                postal_code = chance.choice(ZIPS)
            else:
                known = chance.randrange(1, POLICIES)
            try:
                match = guess(engine, agency, known, postal_code, f"2001:db8:{attacker:x}::1", at)
            except TooMany:
                break
            day.tries += 1
            day.hits.update(match.program_ids)
            if match.asks_pin:
                day.tries_until_open = day.tries_until_open or day.tries
                break
        if attacker % (ATTACKERS // 20) == 0:
            honest_guest(engine, agency, first, chance.randrange(1, POLICIES), attacker, at, day)
    return day


def guess(engine: Engine, agency: Agency, policy: int, postal_code: str, ip: str, at: datetime, pin: str = ""):
    return look_up(
        lambda: writing(engine, agency.id), agency, key_of(agency), number_of(policy), postal_code, ip, at, pin=pin
    )


def honest_guest(
    engine: Engine, agency: Agency, first: int, policy: int, attacker: int, at: datetime, day: Day
) -> None:
    """An accountant who has the invoice in hand: number, ZIP, and the PIN once it is asked for."""
    ip = f"2001:db8:ffff:{attacker:x}::1"
    match = guess(engine, agency, policy, ZIPS[policy % 50], ip, at)
    if match.asks_pin:
        day.honest_asked_for_pin += 1
        pin = guest_pin(key_of(agency), agency.id, first + policy)
        match = guess(engine, agency, policy, ZIPS[policy % 50], ip, at, pin)
    day.honest_found += match.program_ids == (first + policy,)


def program_zero(engine: Engine, agency: Agency) -> int:
    match = guess(engine, agency, 0, "78701", "192.0.2.1", MIDNIGHT - timedelta(days=2))
    return match.program_ids[0]


@pytest.mark.parametrize("style", ["vertical", "horizontal"])
def test_what_guessing_finds_in_a_day_is_bounded_and_honest_guests_get_through(large_agency, style):
    engine, agency = large_agency
    day = attack(engine, agency, style, seed=20261121)
    assert len(day.hits) <= MOST_HITS_A_DAY
    assert day.tries_until_open is not None
    assert day.tries_until_open <= 110
    assert day.honest_asked_for_pin >= 15
    assert day.honest_found == 20
    found = f"{len(day.hits)} found, open after {day.tries_until_open} tries"
    print(f"{style}: {ATTACKERS:,} attackers, {day.tries:,} tries, {found}")
