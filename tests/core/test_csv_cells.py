"""CSV that goes out: no cell is run as a formula."""

import csv
import io

import pytest

from portal.core.csv_cells import write_csv


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", '=HYPERLINK("http://x")']
)
def test_formulas_come_out_as_text(cell: str) -> None:
    out = io.StringIO(newline="")
    write_csv(out, ["Value"], [[cell]])
    rows = list(csv.reader(io.StringIO(out.getvalue(), newline="")))
    assert rows == [["Value"], ["'" + cell]]
