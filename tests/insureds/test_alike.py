"""Names and addresses that are written differently and mean the same."""

import pytest

from portal.insureds.alike import address_key, name_key


@pytest.mark.parametrize(
    "name",
    [
        "Riverside Bakery LLC",
        "RIVERSIDE BAKERY, L.L.C.",
        "The Riverside Bakery",
        "Riverside  Bakery Co.",
        "Ríverside Bakery",
    ],
)
def test_one_name_in_many_ways(name: str) -> None:
    assert name_key(name) == "riverside bakery"


def test_names_that_differ() -> None:
    assert name_key("Riverside Bakery") != name_key("Riverside Bank")
    assert name_key("Bolt & Sons") == name_key("Bolt and Sons")
    assert name_key("The Company") == "the company"
    assert name_key("") == ""


def test_addresses() -> None:
    assert address_key("12 N. Main St.", "78701-4042") == address_key("12 North Main Street", "78701")
    assert address_key("12 Main St", "78701") != address_key("12 Main St", "78702")
    assert address_key("12 Main St", "") == address_key("", "78701") == ""
