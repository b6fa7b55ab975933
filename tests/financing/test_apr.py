"""The APR against the worked examples of Regulation Z, Appendix J, and by its own equation."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.financing.apr import Repayment, annual_rate, percent
from tests.financing.vectors import cents, vectors


def repayments(inputs: dict[str, Any]) -> list[Repayment]:
    """A vector's payments: a regular one with perhaps another first and last."""
    if "payment" in inputs:
        return [Repayment(cents(inputs["payment"]), inputs["t"], Fraction(inputs["f"]))]
    amounts = [inputs["regular_payment"]] * inputs["number_of_payments"]
    amounts[0] = inputs.get("first_payment") or amounts[0]
    amounts[-1] = inputs.get("final_payment") or amounts[-1]
    start, fraction = inputs.get("t", 1), Fraction(inputs.get("f", "0/1"))
    return [Repayment(cents(amount), start + number, fraction) for number, amount in enumerate(amounts)]


@pytest.mark.parametrize("vector", vectors("apr_single_advance", "apr_single_payment"), ids=lambda vector: vector["id"])
def test_the_worked_examples(vector: dict[str, Any]) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    rate = annual_rate(cents(inputs["amount_financed"]), repayments(inputs), inputs["units_per_year"])
    if "apr_percent_2dp" in expected:
        assert percent(rate) == Decimal(str(expected["apr_percent_2dp"])).quantize(Decimal("0.01"))
    else:
        assert abs(rate * 100 - Decimal(str(expected["apr_percent"]))) <= Decimal(str(expected["tolerance"]))


def test_what_comes_back_without_interest_has_no_rate() -> None:
    assert annual_rate(30_000, [Repayment(10_000, number) for number in (1, 2, 3)], 12) == 0


@pytest.mark.parametrize("financed", [0, -1, 1001])
def test_figures_that_make_no_loan_are_refused(financed: int) -> None:
    with pytest.raises(ValueError, match="paid back whole"):
        annual_rate(financed, [Repayment(1000, 1)], 12)


@given(
    st.integers(1, 10**9),
    st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 3)), min_size=1, max_size=24),
    st.fractions(0, 1).filter(lambda fraction: fraction < 1),
)
def test_the_rate_solves_its_equation(financed: int, given_payments: list[tuple[int, int]], fraction: Fraction) -> None:
    when, payments = 0, []
    for amount, gap in given_payments:
        when += gap
        payments.append(Repayment(amount, when + 1, fraction))
    total = sum(payment.amount_cents for payment in payments)
    financed = min(financed, total)
    rate = annual_rate(financed, payments, 1)
    assert rate >= 0
    value = Decimal(0) + sum(
        payment.amount_cents
        / ((1 + rate * payment.fraction.numerator / payment.fraction.denominator) * (1 + rate) ** payment.periods)
        for payment in payments
    )
    assert abs(value - financed) <= Decimal("1e-6") * financed + Decimal("0.001")
