"""`make faults`: the long run, in several processes; stopped or cut off, it goes on where it was.

What is done stands in var/faults/, one line a batch with its commit; without that file it begins anew, and for a
product that has changed since too.
docs/fault-report.md is written of it at the end, every time.
"""

import argparse
import os
import sys

from tests.faults.long_run import PROJECT, go_on, runs
from tests.faults.report import write_report
from tests.postgresql import leave_server

FOLDER = PROJECT / "var" / "faults"


def main() -> None:
    """Run, and write the report; ends with status 1 when something was found."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3_000)
    parser.add_argument("--seed", type=int, default=20_261_121)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 2)
    given = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    journal = FOLDER / f"{given.seed}.jsonl"
    try:
        go_on(given.seed, journal, given.seconds, given.processes)
    finally:
        leave_server()
    found = write_report(PROJECT / "docs" / "fault-report.md", *runs(journal), given.seed)
    sys.exit("\n".join(found) if found else 0)


if __name__ == "__main__":
    main()
