"""A web process of its own for the tests: tries one subject, says how often it was let through.

Arguments: database URL, agency id, number of tries, the most that are allowed. Waits for a line before it begins.
"""

import sys
from datetime import UTC, datetime, timedelta

import portal.models  # noqa: F401 - registers every table
from portal.access.limits import Limit, counted, start_tries
from portal.core.db import make_engine, run_unit
from portal.core.errors import TooMany
from portal.core.tenancy import writing

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)


def main(database_url: str, agency_id: int, tries: int, most: int) -> None:
    engine = make_engine(database_url, pool_size=2)
    subject = [counted(b"key", Limit("test", most, timedelta(hours=1)), "192.0.2.7")]
    through = 0
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(tries):
        try:
            run_unit(lambda: start_tries(lambda: writing(engine, agency_id), subject, AT))
            through += 1
        except TooMany:
            continue
    print(through, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *(int(argument) for argument in sys.argv[2:]))
