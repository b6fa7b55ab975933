"""A desk on both databases, whose sandbox nobody else uses: its clock is moved."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from portal.sandbox.stripe.server import serve_in_thread
from tests.factories.desk import Desk, open_desk

LONG = ("test_pairs.py", "test_processes.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for processes to start comes first: the other tests fill that time."""
    items.sort(key=lambda item: item.path.name not in LONG)


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Iterator[Desk]:
    """An agency that takes payments."""
    sandbox = serve_in_thread(tmp_path / "stripe.sqlite")
    yield open_desk(engine, sandbox)
    sandbox.close()
