"""The translations are whole: every text of the sources is in them, and nothing else."""

from pathlib import Path

import pytest

from scripts.texts import catalogs, extract, problems, read_catalog


@pytest.mark.parametrize("path", catalogs(), ids=lambda path: path.parts[-3])
def test_everything_is_translated_and_nothing_is_left_over(path: Path) -> None:
    """Fails after a text was changed? Run `make texts`, then fill in what it names."""
    assert list(problems(read_catalog(path), extract())) == []
