"""Coverage types (lines of business) by code and by name."""

from dataclasses import dataclass
from functools import cache

from portal.reference.table import read_table


@dataclass(frozen=True, slots=True)
class CoverageType:
    """A coverage type. Segment: commercial, personal, farm or both."""

    code: str
    name: str
    segment: str


@cache
def coverage_types() -> tuple[CoverageType, ...]:
    """Every coverage type we know."""
    return tuple(CoverageType(row["code"], row["name"], row["segment"]) for row in read_table("coverage_types.csv"))


def find_coverage(code_or_name: str) -> CoverageType | None:
    """The coverage type with this code or name, in any case.

    >>> find_coverage("general liability").code
    'CGL'
    """
    return _index().get(code_or_name.strip().casefold())


@cache
def _index() -> dict[str, CoverageType]:
    by_name = {kind.name.casefold(): kind for kind in coverage_types()}
    return by_name | {kind.code.casefold(): kind for kind in coverage_types()}
