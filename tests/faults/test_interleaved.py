"""A few histories in which everybody's steps are mixed; `make faults` goes through many."""

from functools import partial
from pathlib import Path

import pytest

from tests.faults.fresh import Templates, fresh_backup
from tests.faults.interleaved import interleave

SEED = 20261121


@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whoever_does_whatever_in_any_order(
    kind: str, sqlite_template: Path, postgres_template: tuple[str, str]
) -> None:
    templates = Templates(sqlite_template, *postgres_template)
    figures = interleave(partial(fresh_backup, templates, kind), SEED, histories=2, steps=12)
    assert figures.seen["histories"] >= 2
