"""One way to write an e-mail address."""

import pytest

from portal.core.email_address import parse_email
from portal.core.errors import BadInput


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Maria@Bakery.Example ", "maria@bakery.example"),
        ("a.b+c@d.co", "a.b+c@d.co"),
        ("Jo@EXÄMPLE.com", "jo@exämple.com"),
    ],
)
def test_addresses(typed: str, stored: str) -> None:
    assert parse_email(typed) == stored


@pytest.mark.parametrize(
    "typed", ["", "a", "a@b", "a b@c.com", "<a@b.com>", "a@b.com\nBcc: x@y.com", "x@y.local", "a@b@c.de"]
)
def test_what_is_none(typed: str) -> None:
    with pytest.raises(BadInput):
        parse_email(typed)
