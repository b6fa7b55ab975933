"""Fresh databases and desks for histories that run outside of pytest's fixtures.

A desk's database and sandbox are as good as new each time, at addresses that a process keeps: with them it keeps the
engine, and all that SQLAlchemy has compiled for it, which would cost more than a history.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, make_url

from portal.core.db import make_engine
from portal.sandbox.stripe.server import Running, serve_in_thread
from tests.factories.desk import Desk, open_desk
from tests.faults.backups import Backup
from tests.postgresql import as_app, empty, make_postgres_copy, postgres_copy, with_database
from tests.sandbox.stripe.paying import control


@dataclass(frozen=True)
class Templates:
    """Migrated databases to copy from."""

    sqlite: Path
    postgres_url: str
    postgres_name: str


@contextmanager
def fresh_database(templates: Templates, kind: str, folder: Path) -> Iterator[tuple[str, str]]:
    """The URLs of a new database: for the portal's own role, and for the one that owns its tables."""
    if kind == "sqlite":
        shutil.copy(templates.sqlite, folder / "portal.db")
        yield f"sqlite:///{folder / 'portal.db'}", f"sqlite:///{folder / 'portal.db'}"
        return
    with postgres_copy(templates.postgres_url, templates.postgres_name) as name:
        owner_url = with_database(templates.postgres_url, name)
        yield as_app(owner_url), owner_url


@cache
def _kept(templates: Templates, kind: str) -> tuple[Engine, str, str]:
    """This process's own database of a kind: an engine, and the URLs as `fresh_database` has them."""
    if kind == "sqlite":
        url = owner_url = f"sqlite:///{templates.sqlite.with_name(f'desk-{os.getpid()}.db')}"
    else:
        name = make_postgres_copy(templates.postgres_url, templates.postgres_name)
        owner_url = with_database(templates.postgres_url, name)
        url = as_app(owner_url)
    return make_engine(url), url, owner_url


def _emptied(templates: Templates, kind: str) -> tuple[Engine, str, str]:
    """The same, as good as new."""
    engine, url, owner_url = _kept(templates, kind)
    if kind == "sqlite":
        path = Path(str(make_url(url).database))
        for old in path.parent.glob(f"{path.name}*"):
            old.unlink()
        shutil.copy(templates.sqlite, path)
    else:
        empty(owner_url)
    return engine, url, owner_url


@cache
def _sandbox(templates: Templates) -> Running:
    """This process's own sandbox."""
    return serve_in_thread(templates.sqlite.with_name(f"stripe-{os.getpid()}.sqlite"))


@contextmanager
def fresh_backup(templates: Templates, kind: str) -> Iterator[Backup]:
    """A desk on a new database of a kind, whose sandbox nobody else uses; and where its backup will be."""
    engine, url, owner_url = _emptied(templates, kind)
    sandbox = _sandbox(templates)
    control(sandbox, "reset")
    try:
        with TemporaryDirectory() as name:
            desk = open_desk(engine, sandbox)
            yield Backup(desk, url, owner_url, Path(name) / "portal.backup")
    finally:
        engine.dispose()


@contextmanager
def fresh_desk(templates: Templates, kind: str) -> Iterator[Desk]:
    """The desk alone."""
    with fresh_backup(templates, kind) as backup:
        yield backup.desk
