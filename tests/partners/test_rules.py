"""Whose address needs approval, and which moves a user's state may make: rules without a database."""

import doctest

import pytest

from portal.core.errors import IllegalMove
from portal.partners import domains
from portal.partners.domains import fits
from portal.partners.transitions import MOVES, check_move


def test_examples() -> None:
    assert doctest.testmod(domains).failed == 0


@pytest.mark.parametrize(
    ("email", "admins", "fit"),
    [
        ("lee@northgate.example", ["dana@northgate.example"], True),
        ("lee@northgate.example", ["dana@other.example", "kim@northgate.example"], True),
        ("lee@sub.northgate.example", ["dana@northgate.example"], False),
        ("lee@notnorthgate.example", ["dana@northgate.example"], False),
        ("lee@gmail.com", ["dana@gmail.com"], False),
        ("lee@northgate.example", [], False),
    ],
)
def test_an_address_fits_an_admins_domain(email: str, admins: list[str], fit: bool) -> None:
    assert fits(email, admins) is fit


LEGAL = {
    ("invited", "active"),
    ("invited", "removed"),
    ("active", "removed"),
    ("held", "invited"),
    ("held", "removed"),
    ("removed", "invited"),
    ("removed", "held"),
}


@pytest.mark.parametrize("old", MOVES)
@pytest.mark.parametrize("new", MOVES)
def test_moves(old: str, new: str) -> None:
    if (old, new) in LEGAL:
        check_move(old, new)
    else:
        with pytest.raises(IllegalMove):
            check_move(old, new)
