"""What paying costs at an agency: what can be set."""

import pytest

from portal.agencies.fee_settings import Fees, parse_percent
from portal.core.errors import BadInput


@pytest.mark.parametrize(
    ("raw", "points"), [("2.9", 290), ("3", 300), (" 2.75 % ", 275), ("0", 0), ("0.05", 5), ("2.50", 250)]
)
def test_a_percentage_is_read_in_basis_points(raw: str, points: int) -> None:
    assert parse_percent(raw) == points


@pytest.mark.parametrize("raw", ["", "three", "-1", "2.905", "1e2", "2,9", "NaN"])
def test_what_is_no_percentage_is_refused(raw: str) -> None:
    with pytest.raises(BadInput, match="not a percentage"):
        parse_percent(raw)


@pytest.mark.parametrize("fees", [(301, 0, 0), (-1, 0, 0), (0, 101, 0), (0, -1, 0), (0, 0, 2_501), (0, 0, -1)])
def test_fees_keep_within_what_networks_allow(fees: tuple[int, int, int]) -> None:
    with pytest.raises(BadInput, match="between"):
        Fees(True, *fees)
