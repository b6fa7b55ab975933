"""The page about importing says what the importer does."""

from pathlib import Path

from portal.imports.columns import COLUMNS
from portal.imports.programs_csv import read_programs

DOCS = Path(__file__).parents[2] / "docs"


def test_every_column_is_documented() -> None:
    page = (DOCS / "importing.md").read_text("utf-8")
    table = page.partition("## Columns")[2].partition("## What")[0]
    for column in COLUMNS:
        assert f"**{column.title}**" in table if column.is_required else column.title in table, column.title


def test_the_sample_comes_in_without_a_warning() -> None:
    file = read_programs((DOCS / "programs-sample.csv").read_bytes())
    assert file.problems == ()
    assert [len(program.policies) for program in file.programs] == [2, 1]
