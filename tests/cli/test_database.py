"""Nothing starts on a database that is missing, empty or of another version; each says what to do."""

from pathlib import Path

import pytest
from click import ClickException
from sqlalchemy import text

from portal.cli.database import require_up_to_date, revisions, upgrade_tables
from portal.core.db import make_engine


def test_a_database_that_was_upgraded_is_fit(database_url: str, owner_url: str) -> None:
    require_up_to_date(database_url)
    upgrade_tables(owner_url)
    assert len(revisions(database_url)) == 1


def test_an_empty_database_has_to_be_upgraded_first(tmp_path) -> None:
    with pytest.raises(ClickException, match=r"is empty\. Run: make upgrade"):
        require_up_to_date(f"sqlite:///{tmp_path}/new.db")


def test_a_database_of_another_version_has_to_be_upgraded_first(owner_url: str, database_url: str) -> None:
    owner = make_engine(owner_url)
    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    owner.dispose()
    with pytest.raises(ClickException, match=r"another version of the portal\. Run: make upgrade"):
        require_up_to_date(database_url)


@pytest.mark.parametrize("url", ["sqlite:///{}/nowhere/portal.db", "postgresql+psycopg://portal@localhost:1/portal"])
def test_a_database_out_of_reach_is_said_so(url: str, tmp_path: Path) -> None:
    with pytest.raises(ClickException, match="The database cannot be reached: "):
        require_up_to_date(url.format(tmp_path))
