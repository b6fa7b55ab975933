"""A till on both databases."""

import pytest
from sqlalchemy import Engine

from portal.sandbox.stripe.server import Running
from tests.factories.desk import Desk, open_desk


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    """An agency that takes payments."""
    return open_desk(engine, stripe_sandbox)
