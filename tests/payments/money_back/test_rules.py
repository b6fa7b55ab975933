"""Who gives back what, which moves are legal, and what the processor's words mean."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import IllegalMove
from portal.payments.money_back.rules import (
    REFUND_MOVES,
    Split,
    check_refund_move,
    may_be_returned,
    refund_outcome,
    split_back,
)

CENTS = st.integers(0, 1_000_000)


@given(st.integers(1, 3_000_000), st.dictionaries(st.integers(1, 9), CENTS, max_size=5), CENTS, CENTS)
def test_a_split_gives_exactly_what_goes_back_and_no_more_than_there_is(
    total: int, covered: dict[int, int], fee: int, credit: int
) -> None:
    split = split_back(total, covered, fee, credit)
    assert split.total_cents == total
    assert all(0 < cents <= covered[invoice] for invoice, cents in split.parts.items())
    assert split.fee_cents <= fee
    assert split.credit_cents <= credit
    assert split.rest_cents == max(0, total - sum(covered.values()) - fee - credit)


def test_credit_goes_first_then_the_last_invoice_and_the_fee_last() -> None:
    covered = {1: 100_00, 2: 100_00}
    assert split_back(50_00, covered, 3_00, 20_00) == Split({2: 30_00}, 0, 20_00)
    assert split_back(223_00, covered, 3_00, 20_00) == Split({2: 100_00, 1: 100_00}, 3_00, 20_00)
    assert split_back(202_00, covered, 3_00, 0) == Split({2: 100_00, 1: 100_00}, 2_00)


def test_what_has_ended_moves_no_more_but_a_success_can_come_back() -> None:
    assert REFUND_MOVES["succeeded"] == {"failed"}
    assert not REFUND_MOVES["failed"] and not REFUND_MOVES["canceled"]
    with pytest.raises(IllegalMove):
        check_refund_move("failed", "succeeded")


def test_news_that_is_old_says_nothing_and_an_unknown_word_is_for_a_person() -> None:
    assert refund_outcome("succeeded", "requested") == "succeeded"
    assert refund_outcome("pending", "succeeded") is None
    assert refund_outcome("failed", "succeeded") == "failed"
    with pytest.raises(LookupError):
        refund_outcome("reversed", "pending")


def test_sixty_days_long_a_bank_debit_may_be_returned() -> None:
    assert may_be_returned("us_bank_account", date(2026, 7, 1), date(2026, 8, 30))
    assert not may_be_returned("us_bank_account", date(2026, 7, 1), date(2026, 8, 31))
    assert not may_be_returned("card", date(2026, 7, 1), date(2026, 7, 2))
