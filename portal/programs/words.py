"""The words under which programs and one-time payments are found, made comparable. Pure.

A word is letters and digits alone, without case and accents. What is typed fits a word from its beginning.
"""

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 64
_BETWEEN = re.compile(r"[\W_]+")


def key_of(typed: str) -> str:
    """A text as one word, however it is spaced, spelled and written.

    >>> key_of("cps-007 1234"), key_of("Jane@Bakery.example"), key_of("Müller & Co.")
    ('cps0071234', 'janebakeryexample', 'mullerco')
    """
    plain = unicodedata.normalize("NFKD", typed).casefold()
    return "".join(letter for letter in plain if letter.isalnum())[:LONGEST]


def keys_of(typed: str) -> list[str]:
    """Each word of what somebody types, once.

    >>> keys_of("River  bakery, LLC")
    ['river', 'bakery', 'llc']
    """
    return [key for key in dict.fromkeys(map(key_of, typed.split())) if key]


def words_of(names: Iterable[str], numbers: Iterable[str]) -> set[str]:
    """The words of one program or one-time payment.

    Args:
        names: of people and things: each word of them counts, one with a hyphen by its parts too.
        numbers: of policies, e-mail addresses, references: each counts as a whole.

    >>> sorted(words_of(["Smith-Jones Inc."], ["CPS 007"]))
    ['cps007', 'inc', 'jones', 'smith', 'smithjones']
    """
    found = {key_of(number) for number in numbers}
    for word in " ".join(names).split():
        found |= {key_of(word), *map(key_of, _BETWEEN.split(word))}
    return found - {""}
