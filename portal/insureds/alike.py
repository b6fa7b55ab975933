"""When two customers look like one: what their names and addresses come to, however they are written. Pure."""

import re
import unicodedata

_FORMS = frozenset(
    {"llc", "inc", "incorporated", "corp", "corporation", "co", "company", "ltd", "limited", "lp", "llp", "pllc", "pc"}
)
"""Legal forms, which one list writes and another leaves out."""
_STREETS = {
    "st": "street", "ave": "avenue", "av": "avenue", "rd": "road", "dr": "drive", "ln": "lane", "blvd": "boulevard",
    "hwy": "highway", "pkwy": "parkway", "ct": "court", "pl": "place", "ste": "suite", "n": "north", "s": "south",
    "e": "east", "w": "west",
}  # fmt: skip
"""Common abbreviations (USPS Publication 28, appendix C)."""


def name_key(name: str) -> str:
    """A name without what is written in many ways; equal for names that are likely one.

    >>> name_key("The Riverside Bakery, L.L.C."), name_key("RIVERSIDE BAKERY")
    ('riverside bakery', 'riverside bakery')
    """
    words = _words(name.replace(".", "").replace("&", " and "))
    kept = [word for word in words if word not in _FORMS]
    return " ".join(kept[1:] if kept[:1] == ["the"] else kept) or " ".join(words)


def address_key(line1: str, postal_code: str) -> str:
    """A street address with its ZIP; empty where either is missing.

    >>> address_key("12 Main St.", "78701-4042"), address_key("12 MAIN STREET", "78701")
    ('12 main street 78701', '12 main street 78701')
    """
    street = " ".join(_STREETS.get(word, word) for word in _words(line1))
    code = postal_code.strip()[:5]
    return f"{street} {code}" if street and code else ""


def _words(raw: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", raw)
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return re.findall(r"[^\W_]+", letters.casefold())
