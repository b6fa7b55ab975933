"""Insurance carriers by NAIC company code and by name."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from portal.reference.table import read_table

_NOT_WORDS = re.compile(r"[^a-z0-9]+")
_SHORT = {
    "co": "company",
    "corp": "corporation",
    "inc": "",
    "ins": "insurance",
    "and": "",
    "the": "",
    "incorporated": "",
}


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier. `market` is its listing in Tennessee, a hint only (SOURCES.md)."""

    naic_code: str
    name: str
    domicile_state: str
    market: Literal["admitted", "surplus_lines"]


@cache
def carriers() -> tuple[Carrier, ...]:
    """Every carrier we know, by name."""
    return tuple(
        Carrier(
            row["naic_code"],
            row["name"],
            row["domicile_state"],
            cast(Literal["admitted", "surplus_lines"], row["market"]),
        )
        for row in read_table("carriers.csv")
    )


def find_carrier(name: str, naic_code: str = "") -> Carrier | None:
    """The carrier with this NAIC code, else with this name, written in any of the usual ways.

    >>> find_carrier("Hanover Ins. Co.").name
    'The Hanover Insurance Company'
    """
    by_code, by_name = _indexes()
    return by_code.get(naic_code) or by_name.get(name_key(name))


@cache
def _indexes() -> tuple[dict[str, Carrier], dict[str, Carrier]]:
    known = carriers()
    return {carrier.naic_code: carrier for carrier in known}, {name_key(carrier.name): carrier for carrier in known}


def name_key(name: str) -> str:
    """A company's name made comparable: case, punctuation and the usual short forms do not matter.

    >>> name_key("The Hanover Ins. Co.")
    'hanover insurance company'
    """
    words = _NOT_WORDS.sub(" ", name.lower().replace("&", " and ")).split()
    return " ".join(filter(None, (_SHORT.get(word, word) for word in words)))
