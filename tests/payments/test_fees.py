"""Fees: a table of examples, and what holds for every amount."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.payments.fees import NO_FEE, FeeTerms, fee_cents, fee_terms


@dataclass(frozen=True)
class Settings:
    """An agency's, as far as fees need them: 2.9 % + $0.30 by card, $2.00 by bank debit, passed on."""

    fee_is_passed_on: bool = True
    card_fee_basis_points: int = 290
    card_fee_fixed_cents: int = 30
    bank_fee_cents: int = 200


PASSED_ON = Settings()
ABSORBED = Settings(fee_is_passed_on=False)
PLAIN = Settings(card_fee_basis_points=250, card_fee_fixed_cents=0, bank_fee_cents=0)


@pytest.mark.parametrize(
    ("settings", "states", "kind", "funding", "amount_cents", "expected_cents"),
    [
        (PLAIN, ["NC"], "card", "credit", 100_00, 2_50),
        (PLAIN, ["NC"], "card", "credit", 412_50, 10_31),  # 10.3125
        (PLAIN, ["NC"], "card", "credit", 100_20, 2_51),  # 2.505: half a cent up
        (PLAIN, ["NC"], "card", "credit", 1, 0),
        (PLAIN, ["NC"], "card", "credit", 1_000_000_00, 25_000_00),
        (PASSED_ON, ["NC"], "card", "credit", 1_000_00, 29_30),
        (PASSED_ON, ["NC"], "card", "credit", 300_00, 9_00),  # 8.70 + 0.30 is just 3 %
        (PASSED_ON, ["NC"], "card", "credit", 100_00, 3_00),  # 3.20, capped at 3 %
        (PASSED_ON, ["NC"], "card", "credit", 10_50, 31),  # capped: 31.5 cents, never above
        (PASSED_ON, ["NC"], "card", "credit", 0, 0),
        (PASSED_ON, ["NC", "NY"], "card", "credit", 1_000_00, 29_30),
        (PASSED_ON, ["NC"], "card", "debit", 1_000_00, 0),
        (PASSED_ON, ["NC"], "card", "prepaid", 1_000_00, 0),
        (PASSED_ON, ["NC"], "card", "unknown", 1_000_00, 0),
        (PASSED_ON, ["NC"], "card", "", 1_000_00, 0),
        (PASSED_ON, ["NC"], "link", "credit", 1_000_00, 0),
        (PASSED_ON, ["NC"], "cashapp", "unknown", 1_000_00, 0),
        (PASSED_ON, ["NC"], "us_bank_account", "unknown", 1_000_00, 2_00),
        (PASSED_ON, ["NC"], "us_bank_account", "unknown", 50_00, 2_00),
        (PASSED_ON, ["MA"], "card", "credit", 1_000_00, 0),
        (PASSED_ON, ["NC", "CT"], "card", "credit", 1_000_00, 0),
        (PASSED_ON, ["CO"], "card", "credit", 1_000_00, 0),
        (PASSED_ON, ["TX"], "card", "credit", 1_000_00, 0),
        (PASSED_ON, ["MA"], "us_bank_account", "unknown", 1_000_00, 0),
        (PASSED_ON, ["NC", ""], "card", "credit", 1_000_00, 0),
        (PASSED_ON, [], "card", "credit", 1_000_00, 0),
        (ABSORBED, ["NC"], "card", "credit", 1_000_00, 0),
        (ABSORBED, ["NC"], "us_bank_account", "unknown", 1_000_00, 0),
    ],
)
def test_examples(
    settings: Settings, states: list[str], kind: str, funding: str, amount_cents: int, expected_cents: int
) -> None:
    assert fee_cents(fee_terms(settings, states), kind, funding, amount_cents) == expected_cents


AMOUNTS = st.integers(min_value=0, max_value=100_000_000_00)
TERMS = st.builds(
    FeeTerms,
    st.integers(min_value=0, max_value=300),
    st.integers(min_value=0, max_value=100),
    st.integers(min_value=0, max_value=2_500),
    st.sampled_from([200, 300]),
)
KINDS = st.sampled_from(["card", "us_bank_account", "link", "cashapp", ""])
FUNDINGS = st.sampled_from(["credit", "debit", "prepaid", "unknown", ""])


@given(terms=TERMS, kind=KINDS, funding=FUNDINGS, amount=AMOUNTS)
def test_a_fee_is_never_negative(terms: FeeTerms, kind: str, funding: str, amount: int) -> None:
    assert fee_cents(terms, kind, funding, amount) >= 0


@given(terms=TERMS, kind=KINDS, funding=FUNDINGS, amount=AMOUNTS, more=AMOUNTS)
def test_a_larger_payment_never_costs_less(terms: FeeTerms, kind: str, funding: str, amount: int, more: int) -> None:
    assert fee_cents(terms, kind, funding, amount + more) >= fee_cents(terms, kind, funding, amount)


@given(terms=TERMS, funding=st.sampled_from(["debit", "prepaid", "unknown", ""]), amount=AMOUNTS)
def test_only_credit_cards_cost_something(terms: FeeTerms, funding: str, amount: int) -> None:
    assert fee_cents(terms, "card", funding, amount) == 0
    assert fee_cents(terms, "link", "credit", amount) == 0


@given(terms=TERMS, amount=AMOUNTS)
def test_a_card_fee_keeps_within_the_cap(terms: FeeTerms, amount: int) -> None:
    assert fee_cents(terms, "card", "credit", amount) * 10_000 <= amount * terms.most_basis_points


@given(
    states=st.lists(st.sampled_from(["NC", "NY", "MA", "TX", "CO", "", "ZZ"])),
    forbidden=st.sampled_from(["MA", "TX", "CO", "", "ZZ"]),
)
def test_one_state_that_does_not_allow_it_is_enough(states: list[str], forbidden: str) -> None:
    assert fee_terms(PASSED_ON, [*states, forbidden]) == NO_FEE
