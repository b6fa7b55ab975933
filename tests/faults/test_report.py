"""What the long run's report counts: each layer on the version of the product that it was tried on last."""

import json
from pathlib import Path

import pytest

from tests.faults import long_run
from tests.faults.report import write_report


def batch(commit: str, layer: str, name: str, histories: int, error: str | None = None) -> str:
    figures = {"seen": {"histories": histories}, "crashed": {}, "slowest_minutes": 0, "slowest_seconds": 0}
    line = {"commit": commit, "layer": layer, "name": name, "seconds": 60.0, "error": error}
    return json.dumps(line | {"figures": None if error else figures | {"noticed_by": ""}})


def test_a_layer_counts_where_it_was_tried_last_and_a_failure_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_run, "product", {"aaa": "1", "bbb": "1", "ccc": "2"}.__getitem__)
    journal, page = tmp_path / "journal", tmp_path / "report.md"
    written = [
        batch("aaa", "crashes", "one", 10_000),
        batch("bbb", "crashes", "two", 7),
        batch("bbb", "year", "one", 50, "AssertionError: late by our fault"),
        batch("ccc", "year", "one", 3),
    ]
    journal.write_text("\n".join(written[:3]))
    assert write_report(page, *long_run.runs(journal), seed=1) == ["year: one: AssertionError: late by our fault"]
    assert "| crashes | 2 | 10,007 | 0 | 0 | 0 | `aaa`, `bbb` |" in page.read_text()
    journal.write_text("\n".join(written))
    assert write_report(page, *long_run.runs(journal), seed=1) == []
    said, _, earlier = page.read_text().partition("## Earlier versions")
    assert "| histories | 10,010 |" in said
    assert "| year | 1 | 3 | 0 | 0 | 0 | `ccc` |" in said
    assert "| `bbb` | 1 | 1 | 0 | 0 | 0 | 0 |" in earlier
