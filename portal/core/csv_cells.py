"""CSV that goes out: no cell is ever run as a formula by the spreadsheet that opens it."""

import csv
from collections.abc import Iterable, Sequence
from typing import IO

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def safe_cell(value: object) -> str:
    """A value as text; one that a spreadsheet would calculate gets an apostrophe in front (OWASP, CSV injection).

    >>> safe_cell("=1+1"), safe_cell("Maria"), safe_cell(None)
    ("'=1+1", 'Maria', '')
    """
    written = "" if value is None else str(value)
    return f"'{written}" if written.startswith(_STARTS_FORMULA) else written


def write_csv(file: IO[str], header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table with safe cells.

    Args:
        file: opened with newline="".
    """
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows([safe_cell(value) for value in row] for row in rows)
