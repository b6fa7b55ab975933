"""One row of a programs file: each cell read by its column. Pure."""

from dataclasses import dataclass

from portal.core.errors import BadInput
from portal.core.text import text
from portal.imports.cells import read_country, read_text
from portal.imports.columns import COUNTRY, PROGRAM, STATE, ZIP, Column, Heading
from portal.imports.csv_file import Row
from portal.imports.problems import Problem


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that was read: its value, what stands in the file, and on which line."""

    value: object
    raw: str
    line: int


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row as read. `cells` holds filled cells that could be read, `failed` the columns of those that could not."""

    line: int
    program: str
    cells: dict[Column, Cell]
    failed: frozenset[Column]


def read_row(row: Row, heading: Heading) -> tuple[ReadRow, list[Problem]]:
    """Read every cell of a row; all that cannot be read are reported."""
    problems: list[Problem] = []
    cells: dict[Column, Cell] = {}
    failed: set[Column] = set()
    found: list[tuple[Column, str, BadInput]] = []
    is_abroad = _is_abroad(row, heading)
    for place, column in heading.columns.items():
        raw = row.cells[place] if place < len(row.cells) else ""
        if not raw:
            continue
        try:
            read = read_text if is_abroad and column in {STATE, ZIP} else column.read
            cells[column] = Cell(read(raw), raw, row.line)
        except BadInput as error:
            failed.add(column)
            found.append((column, raw, error))
    program = str(cells[PROGRAM].value) if PROGRAM in cells else ""
    problems += [Problem(row.line, column.title, raw, error.message, program=program) for column, raw, error in found]
    if PROGRAM not in cells and PROGRAM not in failed:
        message = text("It is empty. Each row needs the program it belongs to; delete rows of totals.")
        problems.append(Problem(row.line, PROGRAM.title, "", message))
    beyond = [cell for cell in row.cells[heading.width :] if cell]
    if beyond:
        message = text(
            "The row has more cells than the first line. A cell with a comma in it must stand between quotation marks."
        )
        problems.append(Problem(row.line, "", beyond[0], message, program=program))
    return ReadRow(row.line, program, cells, frozenset(failed)), problems


def _is_abroad(row: Row, heading: Heading) -> bool:
    place = next((place for place, column in heading.columns.items() if column is COUNTRY), len(row.cells))
    if place >= len(row.cells) or not row.cells[place]:
        return False
    try:
        return read_country(row.cells[place]) != "US"
    except BadInput:
        return False
