"""Cents in, dollars out, and splits that lose nothing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import BadInput
from portal.core.money import allocate, format_money, parse_money, percent_of, plain_money, split_level

CENTS = st.integers(-10_000_000_00, 10_000_000_00)


@pytest.mark.parametrize(
    ("raw", "cents"),
    [
        ("1234.5", 123_450),
        ("$1,234.50", 123_450),
        ("($12.00)", -1_200),
        ("-12", -1_200),
        (" 1,234 USD ", 123_400),
        (".5", 50),
        ("7.", 700),
        ("$ 1 000", 100_000),
    ],
)
def test_what_people_write_is_read(raw: str, cents: int) -> None:
    assert parse_money(raw) == cents


@pytest.mark.parametrize(
    "raw",
    ["", "abc", "1,23", "1.234", "1e5", "12,34.5", "--1", "(12", "12)", "-(12", "()", "1.2.3", "∞", "100000000.01"],
)
def test_what_is_no_amount_is_refused(raw: str) -> None:
    with pytest.raises(BadInput):
        parse_money(raw)


@given(CENTS)
def test_what_is_written_is_read_back(cents: int) -> None:
    assert parse_money(format_money(cents)) == cents
    assert parse_money(plain_money(cents)) == cents


@given(CENTS, st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any))
def test_parts_add_up_and_stay_near_their_share(cents: int, weights: list[int]) -> None:
    parts = allocate(cents, weights)
    assert sum(parts) == cents
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Decimal(cents) * weight / sum(weights)) < 1


def test_nothing_can_only_be_divided_over_nothing() -> None:
    assert allocate(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="over nothing"):
        allocate(1, [0, 0])


def test_half_a_cent_rounds_away_from_zero() -> None:
    assert percent_of(1050, Decimal("0.05")) == 53
    assert percent_of(-1050, Decimal("0.05")) == -53


@given(st.lists(st.integers(0, 10_000_000_00), max_size=10), st.integers(1, 40))
def test_level_parts_lose_nothing_and_differ_by_a_cent(amounts: list[int], parts: int) -> None:
    shares = split_level(amounts, parts)
    assert [sum(each) for each in zip(*shares, strict=True)] == amounts
    sums = [sum(share) for share in shares]
    assert sums == allocate(sum(amounts), [1] * parts)
    assert all(cents >= 0 for share in shares for cents in share)
