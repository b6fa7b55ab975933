"""What comes back of a policy, and which open invoices it pays."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import BadInput
from portal.invoices.issue import LineDraft
from portal.programs.endorsing import days_for, parts_of
from portal.programs.returns import METHOD_WORDS, OpenInvoice, PolicyBilled, canceled, returned, spread_return, unearned

BEGINS = date(2026, 1, 1)
POLICY = PolicyBilled(1, "GL-1", "Hartford", BEGINS, date(2027, 1, 1), Decimal(0), 3_650_00, 365_00, 146_00, 150_00)
HALF = BEGINS + timedelta(days=146)


def test_pro_rata_counts_days_and_short_rate_gives_nine_tenths_of_it() -> None:
    assert unearned(POLICY, HALF, "pro_rata") == 2_190_00
    assert unearned(POLICY, HALF, "short_rate") == 1_971_00
    assert unearned(POLICY, BEGINS, "pro_rata") == 3_650_00
    assert unearned(POLICY, POLICY.expiration_date, "pro_rata") == 0


def test_the_minimum_earned_part_stays_but_not_when_flat() -> None:
    kept = replace(POLICY, minimum_earned_rate=Decimal("0.25"))
    assert unearned(kept, BEGINS, "pro_rata") == 2_737_50
    assert unearned(kept, HALF, "pro_rata") == 2_190_00
    assert unearned(kept, BEGINS, "flat") == 3_650_00


def test_taxes_and_commission_come_back_in_proportion_fees_only_flat() -> None:
    back = canceled(POLICY, HALF, "pro_rata", HALF)
    assert (back.commission_cents, back.taxes_cents, back.fees_cents) == (219_00, 87_60, 0)
    flat = canceled(POLICY, BEGINS, "flat", BEGINS + timedelta(days=60))
    assert (flat.total_cents, flat.commission_cents, flat.fees_cents) == (3_946_00, 365_00, 150_00)
    assert canceled(POLICY, HALF, "pro_rata", HALF, 1_000_00).taxes_cents == 40_00


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(BadInput, match="over 60 days ago"):
        canceled(POLICY, BEGINS, "flat", BEGINS + timedelta(days=61))
    with pytest.raises(BadInput, match="outside the term"):
        canceled(POLICY, BEGINS - timedelta(days=1), "pro_rata", HALF)
    with pytest.raises(BadInput, match="More would come back"):
        canceled(POLICY, HALF, "pro_rata", HALF, 3_650_01)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 366), st.sampled_from(sorted(METHOD_WORDS)))
def test_never_more_comes_back_than_was_billed(premium: int, taxes: int, days: int, method: str) -> None:
    policy = replace(POLICY, premium_cents=premium, commission_cents=premium // 8, taxes_cents=taxes)
    back = returned(policy, unearned(policy, BEGINS + timedelta(days=days), method))  # type: ignore[arg-type]
    assert 0 <= back.commission_cents <= back.premium_cents <= premium
    assert 0 <= back.taxes_cents <= taxes


def test_what_is_past_due_is_paid_first_then_the_loan_from_its_end_and_late_fees_last() -> None:
    days = [HALF + timedelta(days=30 * number) for number in (-1, 1, 2, 3)]
    invoices = [
        OpenInvoice(1, "installment", days[0], 100),
        OpenInvoice(2, "installment", days[1], 100),
        OpenInvoice(3, "installment", days[2], 100),
        OpenInvoice(4, "endorsement", days[1], 100),
        OpenInvoice(5, "late_fee", days[0], 100),
    ]
    assert spread_return(250, invoices, HALF) == {1: 100, 3: 100, 2: 50}
    assert spread_return(450, invoices, HALF) == {1: 100, 3: 100, 2: 100, 4: 100, 5: 50}
    assert spread_return(900, invoices, HALF) == dict.fromkeys((1, 2, 3, 4, 5), 100)


@given(st.integers(5_000, 10**8), st.integers(0, 10**6), st.integers(1, 12))
def test_an_endorsement_that_is_spread_conserves_every_line(premium: int, fee: int, count: int) -> None:
    lines = [
        LineDraft("premium", "Premium", premium, premium // 10, 1, "Hartford"),
        LineDraft("policy_fee", "Fee", fee),
    ]
    parts = parts_of(lines, count)
    assert sum(line.amount_cents for part in parts for line in part) == premium + fee
    assert sum(line.commission_cents for part in parts for line in part) == premium // 10
    assert all(line.kind == "premium" for part in parts[1:] for line in part)


def test_it_is_not_spread_over_nothing_and_over_four_at_the_most_for_persons() -> None:
    with pytest.raises(BadInput, match="cannot be spread"):
        parts_of([LineDraft("premium", "Premium", 100)], 0)
    with pytest.raises(BadInput, match="too small"):
        parts_of([LineDraft("premium", "Premium", 100)], 9)
    days = [HALF + timedelta(days=number) for number in range(9)]
    assert (len(days_for(days, is_person=True)), len(days_for(days, is_person=False))) == (4, 9)
