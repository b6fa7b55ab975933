"""Read one of this folder's CSV files."""

import csv
from pathlib import Path


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of a file beside this one, by column name.

    Args:
        name: file name, like "carriers.csv".
    """
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
