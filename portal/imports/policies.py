"""One row's policy: what is required, whether dates fit, which carrier and coverage it is. Pure."""

from typing import Any

from portal.core.text import text
from portal.imports.columns import CARRIER, COVERAGE_CODE, EFFECTIVE, EXPIRATION, NAIC
from portal.imports.merging import BY_LEVEL
from portal.imports.problems import Problem
from portal.imports.rows import ReadRow
from portal.reference.carriers import find_carrier
from portal.reference.coverages import find_coverage
from portal.servicing.drafts import PolicyDraft


def read_policy(row: ReadRow) -> tuple[PolicyDraft | None, list[Problem]]:
    """The policy of a row, None if it has an error, and what is wrong or doubtful."""
    problems: list[Problem] = []
    fields: dict[str, Any] = {}
    for column in BY_LEVEL["policy"]:
        if column in row.cells:
            fields[column.field] = row.cells[column].value
        elif column.is_required and column not in row.failed:
            problems.append(Problem(row.line, column.title, "", text("It is empty. Fill it in."), program=row.program))
    term = fields.get("effective_date"), fields.get("expiration_date")
    if None not in term and term[1] <= term[0]:  # type: ignore[operator]  # both are dates
        message = text("It is not after the effective date %(date)s.", date=row.cells[EFFECTIVE].raw)
        problems.append(Problem(row.line, EXPIRATION.title, row.cells[EXPIRATION].raw, message, program=row.program))
    if problems or any(column.level == "policy" for column in row.failed):
        return None, problems
    problems += _name_carrier(row, fields)
    problems += _name_coverage(row, fields)
    return PolicyDraft(**fields), problems


def _name_carrier(row: ReadRow, fields: dict[str, Any]) -> list[Problem]:
    """A known carrier gets its name and code; any other is kept as typed."""
    typed, code = fields["carrier"], fields.get("carrier_naic", "")
    by_name, by_code = find_carrier(typed), find_carrier("", code)
    if by_name and code in {"", by_name.naic_code}:
        fields["carrier"], fields["carrier_naic"] = by_name.name, by_name.naic_code
        return []
    if by_code:
        message = text("NAIC %(code)s is %(name)s. The carrier is kept as typed.", code=code, name=by_code.name)
        return [Problem(row.line, CARRIER.title, typed, message, is_warning=True, program=row.program)]
    if by_name:
        message = text("%(name)s has NAIC %(code)s. Both are kept as typed.", name=by_name.name, code=by_name.naic_code)
        return [Problem(row.line, NAIC.title, code, message, is_warning=True, program=row.program)]
    message = text("This carrier is not in our list. It is kept as typed.")
    return [Problem(row.line, CARRIER.title, typed, message, is_warning=True, program=row.program)]


def _name_coverage(row: ReadRow, fields: dict[str, Any]) -> list[Problem]:
    """A known coverage gets its code and name; an agency's own code is kept."""
    typed = fields["coverage_code"]
    known = find_coverage(typed)
    if known:
        fields["coverage_code"] = known.code
        fields.setdefault("coverage", known.name)
        return []
    if "coverage" in fields:
        return []
    fields["coverage"] = typed
    message = text(
        "This coverage is not in our list. It is kept as typed; add a Coverage name that customers understand."
    )
    return [Problem(row.line, COVERAGE_CODE.title, typed, message, is_warning=True, program=row.program)]
