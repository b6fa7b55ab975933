"""A programs file: one row a policy. Pure: bytes in, typed programs and every problem out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from portal.core.text import text
from portal.imports.columns import match_header
from portal.imports.csv_file import read_csv
from portal.imports.grouping import build_programs
from portal.imports.problems import Problem
from portal.imports.rows import Cell, read_row
from portal.servicing.drafts import ProgramDraft

_FOUND_BY_US = {("policy", "carrier_naic"), ("policy", "coverage")}


@dataclass(frozen=True, slots=True)
class ProgramFile:
    """What a file holds.

    Args:
        programs: those without an error, in the order of the file.
        problems: errors and warnings, by line.
        rows: how many rows it has.
        given: (level, field) of each column it has; what it has no column for stays as it is on an update.
        bad_programs: references of programs with an error.
        partners: the partners that programs name, by program; see `imports/partners.py`.
    """

    programs: tuple[ProgramDraft, ...]
    problems: tuple[Problem, ...]
    rows: int
    given: frozenset[tuple[str, str]]
    bad_programs: frozenset[str]
    partners: Mapping[str, Cell] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Problems that keep a row out."""
        return tuple(problem for problem in self.problems if not problem.is_warning)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Problems that do not."""
        return tuple(problem for problem in self.problems if problem.is_warning)


def read_programs(content: bytes) -> ProgramFile:
    """Read and check a whole file without a database.

    Raises:
        portal.imports.csv_file.UnreadableFile: it is no CSV file at all.
    """
    file = read_csv(content)
    heading = match_header(file.header)
    problems = list(heading.problems)
    given = frozenset((column.level, column.field) for column in heading.columns.values()) | _FOUND_BY_US
    if not heading.is_usable:
        return ProgramFile((), tuple(problems), len(file.rows), given, frozenset())
    if not file.rows:
        problems.append(Problem(file.header.line, "", "", text("There are no rows under the first line.")))
    rows = []
    bad: set[str] = set()
    for raw in file.rows:
        row, found = read_row(raw, heading)
        problems += found
        bad.update(problem.program for problem in found)
        if row.program:
            rows.append(row)
    programs, partners, found = build_programs(rows, bad)
    problems += found
    ordered = tuple(_in_order(problems))
    return ProgramFile(tuple(programs), ordered, len(file.rows), given, frozenset(bad - {""}), partners)


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By line; the same warning about the same value only once, where it comes first."""
    seen = set()
    kept = []
    for problem in sorted(problems, key=lambda problem: problem.line):
        key = (problem.column, problem.value, str(problem.message))
        if problem.is_warning and key in seen:
            continue
        seen.add(key)
        kept.append(problem)
    return kept
