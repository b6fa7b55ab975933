"""Florida's tax on the agreement."""

from typing import Any

import pytest

from portal.financing.stamp_tax import StampTax
from tests.financing.vectors import cents, vectors

FLORIDA = StampTax(35, 2450_00)


@pytest.mark.parametrize("vector", vectors("fl_doc_stamp"), ids=lambda vector: vector["id"])
def test_the_worked_examples(vector: dict[str, Any]) -> None:
    assert FLORIDA.of(cents(vector["inputs"]["amount"])) == cents(vector["expected"]["tax"])


@pytest.mark.parametrize(("debt", "tax"), [(0, 0), (1, 35), (100_00, 35), (100_01, 70)])
def test_a_part_of_a_hundred_counts_as_one(debt: int, tax: int) -> None:
    assert FLORIDA.of(debt) == tax
    assert StampTax(35, None).of(10_000_000_00) == 35 * 100_000
