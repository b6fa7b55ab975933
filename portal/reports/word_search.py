"""What is found by the words that somebody types, quick however much there is (docs/speed.md)."""

from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, String, bindparam, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice
from portal.programs.word_index import OneTimeWord, ProgramWord
from portal.programs.words import key_of, keys_of

SHORTEST = 2
FEW = 1_000
"""So many that fit a word are all looked at, so that the newest can come first."""
LOOKED_AT = 10_000
"""Where every word fits more than that, so many that fit the rarest are tried with the others."""
_LAST = "\U0010ffff"
Words = type[ProgramWord] | type[OneTimeWord]


def find_programs(session: Scoped, typed: str, most: int) -> list[int]:
    """The ids of programs that fit what was typed: by each of its words, or by the number of an invoice.

    A word fits from its beginning. A number, an address or a name also fits as a whole, however it is spaced.
    The newest come first; of what fits thousands, those that a word fits exactly.

    Args:
        typed: as typed; of fewer than two letters or digits nothing is found.
        most: how many are wanted.
    """
    found = [*_of_invoices(session, typed, most), *_fitting(session, ProgramWord, typed, most)]
    return list(dict.fromkeys(found))[:most]


def find_one_times(session: Scoped, typed: str, most: int) -> list[int]:
    """The ids of one-time payments that fit what was typed, in the same way."""
    return list(dict.fromkeys(_fitting(session, OneTimeWord, typed, most)))[:most]


def _of_invoices(session: Scoped, typed: str, most: int) -> list[int]:
    """The programs whose invoices have a number that begins so, the newest invoice first."""
    number = typed.strip().upper()
    if len(number) < SHORTEST:
        return []
    found = session.rows(_INVOICES, {**_from(number), "most": most}).scalars()
    return [program_id for program_id in found if program_id is not None]


def _fitting(session: Scoped, words: Words, typed: str, most: int) -> list[int]:
    whole, keys = key_of(typed), keys_of(typed)
    if len(whole) < SHORTEST:
        return []
    found = _of_word(session, words, whole, most)
    return found + _of_words(session, words, keys, most) if len(keys) > 1 else found


def _of_word(session: Scoped, words: Words, key: str, most: int) -> list[int]:
    few = session.rows(_beginning(words), {**_from(key), "most": FEW + 1}).scalars().all()
    if len(few) <= FEW:
        return sorted(set(few), reverse=True)
    exact = session.rows(_exact(words), {"key": key, "most": most}).scalars()
    return [*exact, *few]


def _of_words(session: Scoped, words: Words, keys: list[str], most: int) -> list[int]:
    """What each of several words fits: all that fit the rarest of them are tried with the others."""
    counted = session.rows(_counts(words, len(keys)), _all_from(keys) | {"most": FEW + 1}).one()
    counts = dict(zip(keys, counted, strict=True))
    rarest_first = sorted(keys, key=counts.__getitem__)
    wanted = LOOKED_AT if counts[rarest_first[0]] <= FEW else most
    found = session.rows(_all_fit(words, len(keys)), _all_from(rarest_first) | {"tried": LOOKED_AT, "most": wanted})
    return sorted(set(found.scalars()), reverse=True)


def _from(key: str, place: str = "") -> dict[str, str]:
    return {f"key{place}": key, f"past{place}": key + _LAST}


def _all_from(keys: list[str]) -> dict[str, Any]:
    return {name: value for place, key in enumerate(keys) for name, value in _from(key, str(place)).items()}


def _begins(word: InstrumentedAttribute[str], place: str = "") -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return word >= _given(f"key{place}"), word < _given(f"past{place}")


def _given(name: str) -> BindParameter[str]:
    return bindparam(name, type_=String())


def _subject(words: Any) -> InstrumentedAttribute[int]:
    """What a word leads to."""
    found: InstrumentedAttribute[int] = words.program_id if hasattr(words, "program_id") else words.invoice_id
    return found


_MOST: BindParameter[int] = bindparam("most")
_INVOICES = (
    select(Invoice.program_id).where(*_begins(Invoice.number)).order_by(Invoice.number.desc()).limit(_MOST)
)  # statements live as long as the module: docs/speed.md


@cache
def _beginning(words: Words) -> Select[int]:
    return select(_subject(words)).where(*_begins(words.word)).limit(_MOST)


@cache
def _exact(words: Words) -> Select[int]:
    """By the index of words, from its end."""
    subject = _subject(words)
    return select(subject).where(words.word == _given("key")).order_by(words.word.desc(), subject.desc()).limit(_MOST)


@cache
def _counts(words: Words, keys: int) -> Select[*tuple[int, ...]]:
    """How many fit each of so many words, up to `FEW` and one."""
    some = [select(words.id).where(*_begins(words.word, str(place))).limit(_MOST).subquery() for place in range(keys)]
    return select(*(select(func.count()).select_from(each).scalar_subquery() for each in some))


@cache
def _all_fit(words: Words, keys: int) -> Select[int]:
    """Of those that fit the first word, those that fit the others too."""
    query = select(_subject(words).label("id")).where(*_begins(words.word, "0")).limit(bindparam("tried"))
    tried = query.subquery()
    others = [aliased(words) for _ in range(keys - 1)]
    fits = [
        exists().where(_subject(other) == tried.c.id, *_begins(other.word, str(place)))
        for place, other in enumerate(others, 1)
    ]
    return select(tried.c.id).where(*fits).limit(_MOST)
