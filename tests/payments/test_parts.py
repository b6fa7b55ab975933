"""Parts of an invoice: a table of examples, and what holds for every amount and every setting."""

from dataclasses import dataclass

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.core.errors import BadInput
from portal.core.money import plain_money
from portal.payments.parts import LEAST_CHARGE_CENTS, PartRange, part_range, read_part


@dataclass(frozen=True)
class Settings:
    """An agency's, as far as parts need them."""

    part_payments: bool = True
    part_least_cents: int = 0
    part_least_basis_points: int = 0
    part_most_cents: int = 0
    part_most_basis_points: int = 0


ANY = Settings()


@pytest.mark.parametrize(
    ("settings", "open_cents", "expected"),
    [
        (Settings(part_payments=False), 400_00, None),
        (ANY, 400_00, PartRange(50, 399_50)),
        (ANY, 1_00, PartRange(50, 50)),
        (ANY, 99, None),
        (Settings(part_least_cents=50_00), 400_00, PartRange(50_00, 399_50)),
        (Settings(part_least_cents=50_00), 40_00, None),
        (Settings(part_least_basis_points=1_000), 400_00, PartRange(40_00, 399_50)),
        (Settings(part_most_cents=100_00), 400_00, PartRange(50, 100_00)),
        (Settings(part_most_basis_points=5_000), 400_01, PartRange(50, 200_00)),
        (Settings(part_least_basis_points=2_500, part_most_cents=50_00), 400_00, None),
        (Settings(part_least_cents=50_00, part_most_basis_points=5_000), 400_00, PartRange(50_00, 200_00)),
    ],
)
def test_between_which_amounts_a_part_may_be(settings: Settings, open_cents: int, expected: PartRange | None) -> None:
    assert part_range(settings, open_cents) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("", 400_00), ("400", 400_00), ("$400.00", 400_00), ("50", 50_00), ("120.50", 120_50), ("200", 200_00)],
)
def test_what_is_read(typed: str, expected: int) -> None:
    assert read_part(typed, 400_00, PartRange(50_00, 200_00)) == expected


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("400.01", "Only $400.00 are open."),
        ("49.99", "Pay all of it ($400.00), or between $50.00 and $200.00."),
        ("200.01", "Pay all of it ($400.00), or between $50.00 and $200.00."),
        ("0", "or between $50.00 and $200.00."),
        ("-60", "or between $50.00 and $200.00."),
        ("some", "is not an amount"),
    ],
)
def test_what_is_refused(typed: str, said: str) -> None:
    with pytest.raises(BadInput) as raised:
        read_part(typed, 400_00, PartRange(50_00, 200_00))
    assert said in str(raised.value.message)


@given(
    open_cents=st.integers(min_value=1, max_value=1_000_000_00),
    least=st.integers(min_value=0, max_value=10_000),
    most=st.integers(min_value=0, max_value=10_000),
    cents=st.integers(min_value=0, max_value=1_000_000_00),
)
def test_every_part_can_be_charged_and_so_can_what_it_leaves(
    open_cents: int, least: int, most: int, cents: int
) -> None:
    allowed = part_range(Settings(part_least_basis_points=least, part_most_basis_points=most), open_cents)
    assume(allowed is not None)
    assert allowed is not None
    try:
        paid = read_part(plain_money(cents), open_cents, allowed)
    except BadInput:
        assert cents > open_cents or not allowed.least_cents <= cents <= allowed.most_cents
        return
    assert paid == cents
    assert paid >= min(LEAST_CHARGE_CENTS, open_cents)
    assert open_cents - paid == 0 or open_cents - paid >= LEAST_CHARGE_CENTS
