"""Two seconds of everything at random in each test run; `make faults` goes on for longer."""

import time
from random import Random

from tests.factories.desk import Desk
from tests.faults.street import Street

SECONDS = 2
SEED = 20261121


def test_nothing_is_charged_twice_and_nothing_is_lost_whatever_goes_wrong(desk: Desk) -> None:
    street = Street(desk, Random(SEED))
    until = time.monotonic() + SECONDS
    while time.monotonic() < until or not street.seen["charges"]:
        street.history()
