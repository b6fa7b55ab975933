"""The page about OWASP's standard: each requirement has one outcome, and every test that it names exists."""

import ast
import re
from collections import Counter
from functools import cache

from tests.architecture.source import PROJECT

PAGE = (PROJECT / "docs" / "asvs.md").read_text("utf-8")
ROW = re.compile(r"^\| (V[^|]*) \| ([^|]+) \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
ROWS = [[cell.strip() for cell in row] for row in ROW.findall(PAGE)]
NAMED = re.compile(r"`(tests/[\w/.]+\.py)::(\w+)`")
LEVEL_1 = {
    "V1.2": (1, 2, 3, 4, 5),
    "V1.3": (1, 2),
    "V1.5": (1,),
    "V2.1": (1,),
    "V2.2": (1, 2),
    "V2.3": (1,),
    "V3.2": (1, 2),
    "V3.3": (1,),
    "V3.4": (1, 2),
    "V3.5": (1, 2, 3),
    "V4.1": (1,),
    "V4.4": (1,),
    "V5.2": (1, 2),
    "V5.3": (1, 2),
    "V6.1": (1,),
    "V6.2": (1, 2, 3, 4, 5, 6, 7, 8),
    "V6.3": (1, 2),
    "V6.4": (1, 2),
    "V7.2": (1, 2, 3, 4),
    "V7.4": (1, 2),
    "V8.1": (1,),
    "V8.2": (1, 2),
    "V8.3": (1,),
    "V11.3": (1, 2),
    "V11.4": (1,),
    "V12.1": (1,),
    "V12.2": (1, 2),
    "V13.4": (1,),
    "V14.2": (1,),
    "V14.3": (1,),
    "V15.1": (1,),
    "V15.2": (1,),
    "V15.3": (1,),
}
"""Level 1 of the chapters that the page is about, as OWASP's list of ASVS 5.0.0 has it."""


@cache
def functions_of(path: str) -> frozenset[str]:
    """The names of a file's test functions."""
    if not (PROJECT / path).is_file():
        return frozenset()
    tree = ast.parse((PROJECT / path).read_text("utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def test_every_line_of_a_table_is_read() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| id ")]
    assert len(lines) == len(ROWS) > 120


def test_each_requirement_stands_there_once_and_none_of_level_1_is_left_out() -> None:
    ids = Counter(row[0] for row in ROWS)
    assert [name for name, many in ids.items() if many > 1] == []
    assert [name for name in ids if not re.fullmatch(r"V\d+\.\d+\.\d+", name)] == []
    level_1 = {f"{section}.{number}" for section, numbers in LEVEL_1.items() for number in numbers}
    assert level_1 - ids.keys() == set()


def test_each_requirement_has_an_outcome_and_its_reason() -> None:
    for name, words, outcome, by in ROWS:
        assert outcome in {"met", "not applicable", "open"}, name
        assert words and by, name
        assert outcome != "met" or NAMED.search(by), f"{name} is said to be met and names no test"


def test_every_test_named_exists() -> None:
    named = NAMED.findall(PAGE)
    assert [f"{path}::{name}" for path, name in named if name not in functions_of(path)] == []
    assert len(set(named)) > 80
    assert len(named) == len(re.findall(r"`tests/[^`]*`", PAGE))
