"""Fresh databases and desks for histories that run outside of pytest's fixtures."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from portal.core.db import make_engine
from portal.sandbox.stripe.server import serve_in_thread
from tests.factories.desk import Desk, open_desk
from tests.faults.backups import Backup
from tests.postgresql import as_app, postgres_copy, with_database


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


@contextmanager
def fresh_backup(templates: Templates, kind: str) -> Iterator[Backup]:
    """A desk on a new database of a kind, whose sandbox nobody else uses; and where its backup will be."""
    with TemporaryDirectory() as name, fresh_database(templates, kind, Path(name)) as (url, owner_url):
        sandbox, engine = serve_in_thread(Path(name) / "stripe.sqlite"), make_engine(url)
        try:
            desk = open_desk(engine, sandbox, timeout_seconds=20)
            yield Backup(desk, url, owner_url, Path(name) / "portal.backup")
        finally:
            engine.dispose()
            sandbox.close()


@contextmanager
def fresh_desk(templates: Templates, kind: str) -> Iterator[Desk]:
    """The desk alone."""
    with fresh_backup(templates, kind) as backup:
        yield backup.desk
