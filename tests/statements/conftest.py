"""A shop on both databases."""

import pytest
from sqlalchemy import Engine

from tests.statements.shop import Shop, open_shop


@pytest.fixture
def shop(engine: Engine) -> Shop:
    """An agency with partners to come."""
    return open_shop(engine)
