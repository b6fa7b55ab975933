"""The payments of an agreement in words, whatever rounding leaves for the last one."""

from datetime import date
from decimal import Decimal

import pytest

from portal.documents.filled_agreement import payments_in_words
from portal.financing.schedule import Price, Spacing, Terms, make_schedule


@pytest.mark.parametrize(
    ("cents", "installments", "months", "said"),
    [
        (9_450_00, 9, 1, "9 monthly payments of $1,050.00, the first on Feb 1, 2026."),
        (
            9_450_01,
            9,
            1,
            "8 monthly payments of $1,050.00, the first on Feb 1, 2026, then one of $1,050.01 on Oct 1, 2026.",
        ),
        (3_000_00, 3, 3, "3 quarterly payments of $1,000.00, the first on Apr 1, 2026."),
        (1_00, 2, 3, "2 quarterly payments of $0.50, the first on Apr 1, 2026."),
        (1_01, 2, 3, "One payment of $0.51 on Apr 1, 2026, then one of $0.50 on Jul 1, 2026."),
        (5_000_00, 1, 6, "One payment of $5,000.00 on Jul 1, 2026."),
    ],
)
def test_payments_in_words(cents: int, installments: int, months: Spacing, said: str) -> None:
    schedule = make_schedule(Price(cents), Terms(Decimal(0), Decimal(0), installments, months), date(2026, 1, 1))
    assert payments_in_words(schedule, months) == said
