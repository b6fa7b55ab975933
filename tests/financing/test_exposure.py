"""What the lender risks when a financed policy has to be ended early."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.financing.exposure import Cover, exposures
from portal.financing.schedule import Price, Terms, make_schedule
from tests.financing.vectors import cents, vectors


@pytest.mark.parametrize("vector", vectors("minimum_earned_collateral_check"), ids=lambda vector: vector["id"])
def test_the_worked_examples(vector: dict[str, Any]) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    begins = date.fromisoformat(inputs["effective_date"])
    terms = Terms(
        Decimal(inputs["down_payment_percent"]) / 100,
        Decimal(inputs["note_rate_percent"]) / 100,
        inputs["installments"],
    )
    cover = Cover(
        cents(inputs["premium"]),
        Decimal(inputs["minimum_earned_percent"]) / 100,
        begins,
        date.fromisoformat(inputs["expiration_date"]),
    )
    schedule = make_schedule(Price(cover.premium_cents), terms, begins)
    assert schedule.amount_financed_cents == cents(inputs["amount_financed"])
    found = exposures(schedule, [cover], inputs["grace_days"], inputs["notice_days"])
    assert [(one.missed, one.cancel_on, one.owed_cents, one.unearned_cents, one.is_covered) for one in found] == [
        (
            row["missed"],
            date.fromisoformat(row["cancel_effective"]),
            cents(row["balance_owed"]),
            cents(row["unearned_premium"]),
            row["covered"],
        )
        for row in expected["rows"]
    ]
    assert all(one.is_covered for one in found) == expected["all_covered"]


def test_nothing_comes_back_after_the_term() -> None:
    cover = Cover(1_000_00, Decimal(0), date(2026, 1, 1), date(2026, 7, 1))
    assert cover.unearned_cents(date(2026, 1, 1)) == 1_000_00
    assert cover.unearned_cents(date(2025, 12, 1)) == 1_000_00
    assert cover.unearned_cents(date(2026, 8, 1)) == 0
