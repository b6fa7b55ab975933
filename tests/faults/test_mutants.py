"""The suite notices a safeguard that is gone; `make faults` goes through all of them."""

import pytest

from tests.faults.mutants import MUTANTS, PROJECT, noticed


def test_each_safeguard_is_where_it_is_taken_away() -> None:
    for name, mutant in MUTANTS.items():
        assert (PROJECT / mutant.path).read_text().count(mutant.old) == 1, name
        assert mutant.new != mutant.old


@pytest.mark.timeout(400)
def test_a_safeguard_that_is_gone_is_noticed() -> None:
    assert noticed("unknown is no failure") is not None
