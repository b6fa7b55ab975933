"""The findings of an import as rows of a table, for a terminal, a CSV file or a page. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.core.money import format_money
from portal.imports.cells import LONGEST_SHOWN
from portal.imports.columns import COLUMNS
from portal.imports.load import Changed
from portal.imports.problems import Problem
from portal.servicing.changes import Change

HEADER = ("Kind", "Line", "Program or insured", "Column", "Value", "What to do")
_TITLES: dict[tuple[str, str], str] = {("policy", "policy"): "Policy"}
_TITLES |= {(column.level, column.field): column.title for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class Finding:
    """A row of the report. Kind: error, warning, changed or left."""

    kind: str
    line: str
    about: str
    column: str
    value: str
    advice: str

    @property
    def cells(self) -> tuple[str, ...]:
        """In the order of HEADER."""
        return self.kind, self.line, self.about, self.column, self.value, self.advice


def problem_findings(problems: tuple[Problem, ...]) -> Iterator[Finding]:
    """What is wrong or doubtful in a file, by line."""
    for problem in problems:
        kind = "warning" if problem.is_warning else "error"
        line = str(problem.line or "")
        value = shortened(problem.value)
        yield Finding(kind, line, shortened(problem.program), shortened(problem.column), value, str(problem.message))


def shortened(value: str) -> str:
    """Enough of a long value to find it in the file."""
    return value if len(value) <= LONGEST_SHOWN else f"{value[: LONGEST_SHOWN - 1]}…"


def change_findings(changed: list[Changed]) -> Iterator[Finding]:
    """What differs from what is stored, field by field, and whether it was applied."""
    for item in changed:
        for change in item.changes:
            value = f"{shown(change.before, change)} → {shown(change.after, change)}"
            about = f"{item.reference} {change.policy_number}".strip()
            advice = "Applied." if item.why_not is None else str(item.why_not)
            kind = "changed" if item.why_not is None else "left"
            yield Finding(kind, "", about, _TITLES[change.level, change.field], value, advice)


def shown(value: object, change: Change) -> str:
    """A value of a change as people write it."""
    match value:
        case None | "" | ():
            return "(none)"
        case bool():
            return "yes" if value else "no"
        case int() if change.field.endswith("_cents"):
            return format_money(value)
        case Decimal():
            return f"{(value * 100).normalize():f}%"
        case date():
            return value.isoformat()
        case tuple():
            return "; ".join(str(part) for part in value)
    return str(value)
