"""The long run's work in batches, each at a fresh database with a sandbox of its own, in an order that mixes them."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from portal.core.db import make_engine
from portal.sandbox.stripe.server import serve_in_thread
from tests.faults.exhaustive import (
    FAULTS,
    Trial,
    crash_and_fault,
    crash_twice,
    fault_then_crash,
    one_trouble,
    two_faults,
)
from tests.faults.figures import Figures
from tests.faults.fresh import Templates, fresh_backup, fresh_database, fresh_desk
from tests.faults.interleaved import interleave
from tests.faults.mutants import MUTANTS, noticed
from tests.faults.pairs import kill_one_of_four
from tests.faults.processes import kill_and_restart
from tests.faults.stories import STORIES
from tests.faults.street import Street
from tests.faults.year import Year
from tests.faults.year_town import found_town

DATABASES = ("sqlite", "postgresql")
SHARDS = 16
TOWNS, KILLS = 4, 28
TWINS, TWIN_KILLS = 2, 16
STREETS = 8
YEARS, YEAR_PROGRAMS = 40, 25
WHOLE_YEARS = 8
"""In each so manieth year no day is left out, and the books are compared on each; in the others where it can matter."""
STREET_HISTORIES = 25
MIXES, MIX_HISTORIES, MIX_STEPS = 30, 10, 30
PAIRS, EACH = "two faults", 3
"""There are more pairs of faults than of all else: one stands after each three others, the rest at the end."""


Work = Callable[[Templates], Figures]


def _trial(kind: str, tried: Callable[[Trial], None], templates: Templates) -> Figures:
    with fresh_desk(templates, kind) as desk:
        trial = Trial(desk)
        tried(trial)
        return trial.figures


def _street(kind: str, seed: int, templates: Templates) -> Figures:
    with fresh_desk(templates, kind) as desk:
        street = Street(desk, Random(seed))
        for _ in range(STREET_HISTORIES):
            street.history()
        return street.figures


def exhaustive() -> Iterator[tuple[str, str, Work]]:
    """Layer 2: (layer, name, work)."""
    for kind, (name, story) in product(DATABASES, STORIES.items()):
        yield "a crash or a fault", f"{kind}, {name}", partial(_trial, kind, partial(one_trouble, story=story))
        for shard in range(SHARDS):
            tried = partial(crash_twice, story=story, shard=shard, shards=SHARDS)
            yield "two crashes", f"{kind}, {name}, {shard}", partial(_trial, kind, tried)
        for call, fault in product(range(1, story.calls + 1), FAULTS):
            where = f"{kind}, {name}, {call}, {fault}"
            for layer, pair in ("fault and crash", crash_and_fault), ("fault, then crash", fault_then_crash):
                yield layer, where, partial(_trial, kind, partial(pair, story=story, call=call, fault=fault))
            for second in FAULTS:
                both = partial(two_faults, story=story, call=call, first=fault, second=second)
                yield PAIRS, f"{where}, {second}", partial(_trial, kind, both)


def streets(seed: int) -> Iterator[tuple[str, str, Work]]:
    """Layer 4, at once: many people, threads and a bad network."""
    for kind, number in product(DATABASES, range(STREETS)):
        yield "street", f"{kind}, {number}", partial(_street, kind, seed * 1_000 + number)


def _mix(kind: str, seed: int, templates: Templates) -> Figures:
    return interleave(partial(fresh_backup, templates, kind), seed, MIX_HISTORIES, MIX_STEPS)


def mixes(seed: int) -> Iterator[tuple[str, str, Work]]:
    """Layer 4, one step at a time: Hypothesis mixes everybody's steps."""
    for kind, number in product(DATABASES, range(MIXES)):
        yield "interleaved", f"{kind}, {number}", partial(_mix, kind, seed * 1_000 + number)


def _town(kind: str, seed: int, templates: Templates) -> Figures:
    with TemporaryDirectory() as name, fresh_database(templates, kind, Path(name)) as (url, owner_url):
        return kill_and_restart(url, owner_url, Path(name), seed, KILLS)


def towns(seed: int) -> Iterator[tuple[str, str, Work]]:
    """Layer 3: real processes that die."""
    for number, kind in product(range(TOWNS), DATABASES):
        yield "real processes", f"{kind}, {number}", partial(_town, kind, seed * 1_000 + number)


def _twins(seed: int, templates: Templates) -> Figures:
    with TemporaryDirectory() as name, fresh_database(templates, "postgresql", Path(name)) as (url, owner_url):
        return kill_one_of_four(url, owner_url, Path(name), seed, TWIN_KILLS)


def twins(seed: int) -> Iterator[tuple[str, str, Work]]:
    """Two web and two worker processes over one PostgreSQL, of which one after the other dies."""
    for number in range(TWINS):
        yield "two of each", f"postgresql, {number}", partial(_twins, seed * 1_000 + number)


def _year(kind: str, seed: int, number: int, templates: Templates) -> Figures:
    is_whole = number % WHOLE_YEARS == 0
    with TemporaryDirectory() as name, fresh_database(templates, kind, Path(name)) as (url, _):
        sandbox, engine = serve_in_thread(Path(name) / "stripe.sqlite"), make_engine(url)
        try:
            town = found_town(engine, sandbox)
            year = Year(town, Random(seed), judged_every=1 if is_whole else 7, skips=not is_whole)
            return year.live(YEAR_PROGRAMS)
        finally:
            engine.dispose()
            sandbox.close()


def years(seed: int) -> Iterator[tuple[str, str, Work]]:
    """A thousand financed programs through a year each; one year in five on PostgreSQL."""
    for number in range(YEARS):
        kind = DATABASES[number % 5 == 4]
        yield "year", f"{kind}, {number}", partial(_year, kind, seed * 1_000 + number, number)


def _mutant(name: str, templates: Templates) -> Figures:
    said = noticed(name)
    assert said is not None, f"nobody notices that this is gone: {name}"
    return Figures(noticed_by=said)


def every_batch(seed: int) -> Mapping[tuple[str, str], Work]:
    """All there is to do, mixed by the seed; what has to be tried at least stands in front."""
    batches = [*exhaustive(), *streets(seed), *mixes(seed)]
    Random(seed).shuffle(batches)
    pairs = [batch for batch in batches if batch[0] == PAIRS]
    others = [batch for batch in batches if batch[0] != PAIRS]
    batches = []
    while others:
        batches += [*others[:EACH], *pairs[:1]]
        others, pairs = others[EACH:], pairs[1:]
    batches += pairs
    for number, town in enumerate(towns(seed)):
        batches.insert(number * 12, town)
    for number, pair in enumerate(twins(seed)):
        batches.insert(number * 20, pair)
    for number, year in enumerate(years(seed)):
        batches.insert(number * 6, year)
    batches = [*(("mutants", name, partial(_mutant, name)) for name in MUTANTS), *batches]
    return {(layer, name): work for layer, name, work in batches}
