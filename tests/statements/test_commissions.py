"""What a partner earns: to the cent over all payments, whatever goes back and in whatever order."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.statements.commissions import MONEY, Accrued, accrue, commission_on

TENTH = Decimal("0.1")


def together(so_far: Accrued, added: Accrued) -> Accrued:
    return Accrued(
        so_far.premium_cents + added.premium_cents,
        so_far.cents + added.cents,
        so_far.kept_cents + added.kept_cents,
    )


def run(*moves: tuple[str, int], rate: Decimal = TENTH, claws_back: bool = True) -> list[int]:
    so_far, found = Accrued(), []
    for kind, cents in moves:
        added = accrue(so_far, cents, rate, kind, claws_back=claws_back)
        so_far = together(so_far, added)
        found.append(added.cents)
    return found


@pytest.mark.parametrize(
    ("moves", "earned"),
    [
        ([("charge", 1_000_00)], [100_00]),
        ([("charge", 333_33), ("charge", 333_33), ("charge", 333_34)], [33_33, 33_34, 33_33]),
        ([("charge", 1_000_00), ("refund", -1_000_00)], [100_00, -100_00]),
        ([("refund", -50_00), ("charge", 150_00)], [0, 10_00]),
        ([("loan_bound", 700_00), ("loan_canceled", -300_00)], [70_00, -30_00]),
        ([("charge", 1_000_00), ("premium_returned", -400_00)], [100_00, -40_00]),
        (
            [("charge", 1_000_00), ("dispute_withdrawn", -1_000_00), ("dispute_reinstated", 1_000_00)],
            [100_00, -100_00, 100_00],
        ),
    ],
)
def test_what_each_movement_brings(moves: list[tuple[str, int]], earned: list[int]) -> None:
    assert run(*moves) == earned


def test_an_agency_that_does_not_claw_back_leaves_what_was_earned_and_pays_for_more_premium() -> None:
    assert run(("charge", 1_000_00), ("premium_returned", -400_00), ("charge", 100_00), claws_back=False) == [
        100_00,
        0,
        10_00,
    ]
    assert run(("charge", 1_000_00), ("refund", -100_00), claws_back=False) == [100_00, -10_00]


def test_what_was_kept_at_a_cancelation_is_not_earned_again_by_the_reinstatement() -> None:
    moves = (("loan_bound", 1_000_00), ("loan_canceled", -600_00), ("loan_reinstated", 600_00))
    assert run(*moves, claws_back=False) == [100_00, 0, 0]
    assert run(*moves) == [100_00, -60_00, 60_00]


@given(
    st.lists(st.tuples(st.sampled_from(sorted(MONEY)), st.integers(-(10**7), 10**7)), max_size=12),
    st.decimals("0", "0.4", places=4),
    st.randoms(),
)
def test_the_parts_add_up_to_the_commission_of_the_whole_in_any_order(
    moves: list[tuple[str, int]], rate: Decimal, chance: object
) -> None:
    whole = commission_on(sum(cents for _, cents in moves), rate)
    assert sum(run(*moves, rate=rate)) == whole
    chance.shuffle(moves)  # type: ignore[attr-defined]
    assert sum(run(*moves, rate=rate)) == whole
