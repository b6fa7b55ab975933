"""Values that several rows share: a program's and an insured's columns, filled once or the same in each row. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from portal.core.text import text
from portal.imports.columns import COLUMNS, INSURED, Column, Level
from portal.imports.problems import Problem
from portal.imports.rows import Cell, ReadRow

BY_LEVEL: dict[Level, tuple[Column, ...]] = {
    level: tuple(column for column in COLUMNS if column.level == level) for level in ("insured", "program", "policy")
}


@dataclass(slots=True)
class Shared:
    """What the rows of one program, or of one insured, say together.

    Args:
        name: for messages, like "program P-100".
        first: the row it appears in first.
        cells: the first filled cell of each column.
        failed: columns with a cell that could not be read.
    """

    name: str
    first: ReadRow
    cells: dict[Column, Cell] = field(default_factory=dict)
    failed: set[Column] = field(default_factory=set)

    def take(self, row: ReadRow, columns: Iterable[Column]) -> Iterator[Problem]:
        """Add a row; each cell that contradicts an earlier one is a problem."""
        self.failed.update(row.failed)
        for column in columns:
            cell = row.cells.get(column)
            if cell is None:
                continue
            known = self.cells.setdefault(column, cell)
            if known.value != cell.value:
                message = text(
                    "Line %(line)s says “%(value)s” for the same %(name)s. Make them the same, or fill only one.",
                    line=known.line,
                    value=known.raw,
                    name=self.name,
                )
                yield Problem(row.line, column.title, cell.raw, message, program=row.program)

    def missing(self, columns: Iterable[Column]) -> Iterator[Problem]:
        """Required columns that no row fills."""
        for column in columns:
            if column.is_required and column not in self.cells and column not in self.failed:
                message = text("It is empty. Fill it in on the first row of the %(name)s at least.", name=self.name)
                yield Problem(self.first.line, column.title, "", message, program=self.first.program)

    def is_complete(self, level: Level) -> bool:
        """Whether every required column is filled and readable."""
        return all(column in self.cells for column in BY_LEVEL[level] if column.is_required)

    def value(self, column: Column) -> object | None:
        """The value of a column, None if no row fills it."""
        cell = self.cells.get(column)
        return None if cell is None else cell.value

    def fields(self, level: Level) -> dict[str, object]:
        """Filled values by the draft's field names."""
        return {column.field: self.cells[column].value for column in BY_LEVEL[level] if column in self.cells}


def insured_of_programs(programs: dict[str, list[ReadRow]]) -> tuple[dict[str, str], list[Problem]]:
    """Which insured each program belongs to: the reference its rows give, else the program's own."""
    owners: dict[str, str] = {}
    problems: list[Problem] = []
    for reference, rows in programs.items():
        shared = Shared(f"program {reference}", rows[0])
        for row in rows:
            problems += shared.take(row, (INSURED,))
        owners[reference] = str(shared.value(INSURED) or reference)
    return owners, problems
