"""A state's limit in words."""

import pytest

from portal.reference.finance_rules import finance_rule
from portal.reports.staff_state_caps import cap_words


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("NY", "$14.00 a year for each $100 financed. $10.00 once."),
        ("AK", "15% a year of what is unpaid. $10.00 once."),
        ("MS", "24% a year of what is unpaid."),
        ("CA", "2% a month of what is unpaid up to $1,000.00. 1% a month of what is above."),
    ],
)
def test_each_kind_of_limit_is_said(state: str, said: str) -> None:
    cap = finance_rule(state).cap
    assert cap is not None
    assert " ".join(str(words) for words in cap_words(cap)) == said
