"""The long run's work in batches, each at a fresh database with a sandbox of its own, in an order that mixes them."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from portal.core.db import make_engine
from portal.sandbox.stripe.server import serve_in_thread
from tests.factories.desk import Desk, open_desk
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
from tests.faults.stories import STORIES
from tests.faults.street import Street
from tests.postgresql import as_app, postgres_copy, with_database

DATABASES = ("sqlite", "postgresql")
SHARDS = 4
STREETS = 30
STREET_HISTORIES = 25


@dataclass(frozen=True)
class Templates:
    """Migrated databases to copy from."""

    sqlite: Path
    postgres_url: str
    postgres_name: str


@contextmanager
def fresh_database(templates: Templates, kind: str, folder: Path) -> Iterator[str]:
    """The URL of a new database for the portal's own role."""
    if kind == "sqlite":
        shutil.copy(templates.sqlite, folder / "portal.db")
        yield f"sqlite:///{folder / 'portal.db'}"
        return
    with postgres_copy(templates.postgres_url, templates.postgres_name) as name:
        yield as_app(with_database(templates.postgres_url, name))


@contextmanager
def fresh_desk(templates: Templates, kind: str) -> Iterator[Desk]:
    """A desk on a new database of a kind, whose sandbox nobody else uses."""
    with TemporaryDirectory() as name, fresh_database(templates, kind, Path(name)) as url:
        sandbox, engine = serve_in_thread(Path(name) / "stripe.sqlite"), make_engine(url)
        try:
            yield open_desk(engine, sandbox, timeout_seconds=20)
        finally:
            engine.dispose()
            sandbox.close()


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
        for fault in FAULTS:
            for layer, pair in ("fault and crash", crash_and_fault), ("fault, then crash", fault_then_crash):
                yield layer, f"{kind}, {name}, {fault}", partial(_trial, kind, partial(pair, story=story, fault=fault))
        for first, second in product(FAULTS, FAULTS):
            both = partial(two_faults, story=story, first=first, second=second)
            yield "two faults", f"{kind}, {name}, {first}, {second}", partial(_trial, kind, both)


def streets(seed: int) -> Iterator[tuple[str, str, Work]]:
    """Layer 4, at once: many people, threads and a bad network."""
    for kind, number in product(DATABASES, range(STREETS)):
        yield "street", f"{kind}, {number}", partial(_street, kind, seed * 1_000 + number)


def every_batch(seed: int) -> Mapping[tuple[str, str], Work]:
    """All there is to do, mixed by the seed; what has to be tried at least stands in front."""
    batches = [*exhaustive(), *streets(seed)]
    Random(seed).shuffle(batches)
    batches.sort(key=lambda batch: batch[0] == "two faults")
    return {(layer, name): work for layer, name, work in batches}
