"""A story cut off at any point, or without any of its answers, charges at most once and comes to its end by itself."""

from random import Random

import pytest

from tests.factories.desk import Desk
from tests.faults.exhaustive import Trial, one_trouble
from tests.faults.stories import STORIES

SEED = 20261121


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", STORIES)
def test_one_trouble(desk: Desk, name: str) -> None:
    """One of its crashes and faults; `make faults` goes through all of them, and through pairs."""
    one_trouble(Trial(desk), STORIES[name], lambda troubles: Random(f"{SEED} {name}").sample(troubles, 1))
