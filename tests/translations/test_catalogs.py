"""The translations say what the texts say, in polite Spanish, and reach whoever reads them."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from portal.integrations.catalogs import compiled_catalogs
from portal.integrations.wording import wording
from scripts.texts import TRANSLATIONS, extract, is_translated, problems, read_catalog

PLACES = re.compile(r"%\((\w+)\)[sd]")
KEPT_WORDS = ("AMOUNT", "--update", "NAIC", "JavaScript", "CSV UTF-8", "pk_…", "sk_…", "78701", "7/1/2026")
"""What must stand in the translation as it stands in the text: it is replaced or typed later."""
FAMILIAR = re.compile(
    r"\b(tú|tus?|tuy[oa]s?|contigo|puedes|debes|tienes|quieres|haz|ingresa tu|vosotros)\b", re.IGNORECASE
)


@pytest.fixture(scope="module")
def sources() -> Catalog:
    return extract()


def spanish() -> list[Message]:
    """What is translated; test_in_step.py says whether that is all."""
    catalog = read_catalog(TRANSLATIONS / "es" / "LC_MESSAGES" / "messages.po")
    return [message for message in catalog if is_translated(message)]


def forms(message: Message) -> list[tuple[str, str]]:
    """(text, translation) pairs: two where the text counts."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return list(zip(message.id, message.string, strict=True))


def test_there_is_something_to_translate(sources: Catalog) -> None:
    assert len(sources) > 400
    for known in (
        "Pay %(amount)s",
        "What to pay",
        "Sign in to %(agency)s",
        "Your card has expired. Please use another card.",
    ):
        assert known in sources


def test_places_and_fixed_words_stay() -> None:
    for message in spanish():
        for text, translation in forms(message):
            assert sorted(PLACES.findall(text)) == sorted(PLACES.findall(translation)), text
            kept = [word for word in KEPT_WORDS if word in text]
            assert [word for word in kept if word not in translation] == [], text


def test_translations_end_as_their_texts_do() -> None:
    """A colon, a full stop or a question mark belongs to the sentence; a space would glue or tear words."""
    for message in spanish():
        for text, translation in forms(message):
            assert translation.strip() == translation, text
            assert (text[-1:] in ":?") == (translation[-1:] in ":?"), text
            assert translation.count("¿") == translation.count("?"), text
            assert translation.count("“") == translation.count("”"), text


def test_spanish_is_polite() -> None:
    assert [message.string for message in spanish() if FAMILIAR.search(str(message.string))] == []


def test_a_missing_text_is_named() -> None:
    catalog, sources = Catalog(locale="es"), Catalog()
    sources.add("Pay %(amount)s", locations=[("templates/paying/choose.html", 1)], flags=["python-format"])
    sources.add("Rooms", locations=[("templates/admin/home.html", 1)])
    assert list(problems(catalog, sources)) == ["not translated: 'Pay %(amount)s' (templates/paying/choose.html)"]
    catalog.add("Pay %(amount)s", "Pagar %(importe)s", flags=["python-format", "fuzzy"])
    catalog.add("Gone", "Ido")
    found = list(problems(catalog, sources))
    assert any("no longer in the sources: 'Gone'" in problem for problem in found)
    assert any("fuzzy" in problem for problem in found)
    assert any("unknown named placeholder 'importe'" in problem for problem in found)


def test_catalogs_are_compiled_once_and_anew_when_they_change(tmp_path: Path) -> None:
    source, built = tmp_path / "source" / "es" / "LC_MESSAGES", tmp_path / "built"
    source.mkdir(parents=True)
    source.joinpath("messages.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Pay"\nmsgstr "Pagar"\n')
    first = compiled_catalogs(tmp_path / "source", built)
    assert wording("es_US", first).message("Pay") == "Pagar"
    stamp = (first / "es" / "LC_MESSAGES" / "messages.mo").stat().st_mtime_ns
    assert compiled_catalogs(tmp_path / "source", built) == first
    assert (first / "es" / "LC_MESSAGES" / "messages.mo").stat().st_mtime_ns == stamp
    source.joinpath("messages.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Pay"\nmsgstr "Pague"\n')
    second = compiled_catalogs(tmp_path / "source", built)
    assert second != first
    assert wording("es_US", second).message("Pay") == "Pague"
    assert [folder for folder in built.iterdir() if folder.name.startswith(".")] == []
