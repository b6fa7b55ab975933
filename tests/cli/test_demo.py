"""The demo brings its data along from version to version, or says how to start over."""

from pathlib import Path

import pytest

from portal.cli.database import upgrade_tables
from portal.cli.demo import bring_up_to_date
from portal.cli.processes import StartFailed
from portal.core.db import make_engine
from tests.factories.people import BOX


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A demo's database, as this version makes it."""
    made = f"sqlite:///{tmp_path}/portal.db"
    upgrade_tables(made)
    return made


def change(url: str, statement: str) -> None:
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def test_what_fits_is_kept(url: str) -> None:
    bring_up_to_date(url, BOX)
    bring_up_to_date(url, BOX)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE sent_mail DROP COLUMN refused",
        "DROP TABLE sent_mail",
        "UPDATE alembic_version SET version_num = '0001'",
    ],
)
def test_what_does_not_fit_is_said_so_with_the_way_out(url: str, statement: str) -> None:
    change(url, statement)
    with pytest.raises(StartFailed, match="'make demo-reset' forgets it"):
        bring_up_to_date(url, BOX)
