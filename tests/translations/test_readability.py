"""Texts are easy to read: the automated readability index of each is at most 8, and sentences are short.

ARI = 4.71 × letters / words + 0.5 × words / sentences − 21.43 (Senter and Smith, 1967), about the school
grade that a reader needs. It says nothing of a few words, hence texts of ten words or more alone.
"""

import re

import pytest

from scripts.texts import extract, is_for_staff

MOST = 8.0
FEWEST_WORDS = 10
LONGEST_SENTENCE = 25
PLACE = re.compile(r"%\(\w+\)[sd]")
WORD = re.compile(r"\w[\w’'.,@/-]*\w|\w")
END = re.compile(r"[.!?:;]+(?=\s|$)")


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence; what stands for a name or an amount counts as one of six letters."""
    parts = END.split(PLACE.sub("amount", text))
    return [words for words in map(WORD.findall, parts) if words]


def readability(text: str) -> float:
    """The index of a text."""
    found = sentences(text)
    words = [word for sentence in found for word in sentence]
    letters = sum(character.isalnum() for word in words for character in word)
    return 4.71 * letters / len(words) + 0.5 * len(words) / len(found) - 21.43


def texts() -> list[str]:
    """Whole sentences for those who pay; not labels and buttons."""
    messages = [message for message in extract() if message.id and not is_for_staff(message)]
    found = [message.id if isinstance(message.id, str) else message.id[1] for message in messages]
    return [text for text in found if text[-1] in ".!?"]


def test_the_index_is_the_published_one() -> None:
    easy = "You owe ten dollars. Please pay by card now."
    hard = "Notwithstanding aforementioned contractual obligations, remuneration necessitates immediate authorization."
    assert readability(easy) == pytest.approx(4.71 * 34 / 9 + 0.5 * 9 / 2 - 21.43)
    assert readability(easy) < 2 < 30 < readability(hard)


def test_every_text_is_easy_to_read() -> None:
    found = {text: round(readability(text), 1) for text in texts() if len(WORD.findall(text)) >= FEWEST_WORDS}
    assert len(found) > 100
    assert {text: index for text, index in found.items() if index > MOST} == {}


def test_all_texts_together_are_very_easy_to_read() -> None:
    assert readability(" ".join(texts())) <= MOST / 2


def test_sentences_are_short() -> None:
    found = [text for text in texts() if max(map(len, sentences(text))) > LONGEST_SENTENCE]
    assert found == []
