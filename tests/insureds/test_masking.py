"""What a guest sees of names and numbers."""

import pytest

from portal.insureds.masking import mask_name, mask_policy_number


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Riverside Bakery", "R••••• B•••••"),
        ("  Ana   de la Cruz ", "A••••• d••••• l••••• C•••••"),
        ("Q", "Q•••••"),
        ("", ""),
        ("Éclair & Sons", "É••••• & S•••••"),
    ],
)
def test_names_keep_their_initials_and_not_their_length(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("CPS 0071234", "•••••1234"),
        ("UB-0K123456-25-42-G", "•••••542G"),
        ("1234", "•••••34"),
        ("12", "•••••2"),
        ("7", "•••••"),
        ("", "•••••"),
    ],
)
def test_numbers_keep_their_end_and_never_more_than_half(number: str, masked: str) -> None:
    assert mask_policy_number(number) == masked
