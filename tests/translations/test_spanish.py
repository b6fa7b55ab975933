"""Pages, mails and documents in Spanish: no English text of the catalog is left, money and days are right."""

import dataclasses
import html
import io
import re
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader

from portal.documents.invoice import InvoiceDocument
from portal.documents.letterhead import Line
from portal.documents.receipt import Receipt
from portal.integrations.catalogs import compiled_catalogs
from portal.integrations.pdf import PdfRenderer
from portal.invoices.line_words import line_label
from portal.notices.message import Message
from scripts.texts import TRANSLATIONS, is_translated, read_catalog
from tests.factories.mail import TEMPLATES, a_receipt, an_invoice, pages
from tests.notices.test_messages import CASES
from tests.web.security.addresses import STAFF, addresses
from tests.web.security.conftest import Callers
from tests.web.security.conftest import accountant as accountant
from tests.web.security.conftest import admin as admin
from tests.web.security.conftest import ana as ana
from tests.web.security.conftest import callers as callers
from tests.web.security.conftest import world as world
from tests.web.security.holdings import World
from tests.web.visitor import words

SPANISH = {"Accept-Language": "es"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled_catalogs(TRANSLATIONS, tmp_path_factory.mktemp("catalogs"))


def english() -> list[str]:
    """Texts of three words or more; of those with a place in them, the longest part."""
    found = set()
    for message in read_catalog(TRANSLATIONS / "es" / "LC_MESSAGES" / "messages.po"):
        if not is_translated(message):
            continue
        for text in [message.id] if isinstance(message.id, str) else message.id:
            longest = max(re.split(r"%\(\w+\)[sd]", text), key=len).strip()
            if longest.count(" ") >= 2 and longest not in str(message.string):
                found.add(longest)
    return sorted(found)


def left_in_english(shown: str) -> list[str]:
    return [text for text in english() if re.search(rf"(?<!\w){re.escape(text)}(?!\w)", shown)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_page_has_english_left(app: Flask, world: World, callers: Callers) -> None:
    seen = 0
    for address in addresses(app):
        if address.method != "GET":
            continue
        for path in {address.path(world.ana), address.path(world.cleo)}:
            answer = callers[address.access].get(path, headers=SPANISH)
            if answer.mimetype == "text/html" and answer.status_code not in {301, 302, 308}:
                assert '<html lang="es"' in answer.text or "<html" not in answer.text, address
                if address.access not in STAFF:  # whose texts may be English still, and hold parts of these
                    assert left_in_english(words(answer)) == [], address
                seen += 1
    assert seen > 25


@pytest.mark.parametrize("message", [case[0] for case in CASES], ids=lambda message: message.template)
def test_no_mail_has_english_left(message: Message, folder: Path) -> None:
    recipient = dataclasses.replace(message.recipient, locale="es_US")
    mail = pages(folder).render(dataclasses.replace(message, recipient=recipient))
    body = html.unescape(re.sub(r"<style.*?</style>|<!--.*?-->|<[^>]+>", " ", mail.html, flags=re.DOTALL))
    for part in (mail.subject, " ".join(body.split()), " ".join(mail.text.split())):
        assert left_in_english(part) == []
        assert not re.search(r"\b(Jan|Apr|Aug|Dec) \d", part)
    assert 'lang="es"' in mail.html


@pytest.mark.parametrize("document", [a_receipt(), an_invoice()], ids=["receipt", "invoice"])
def test_no_document_has_english_left(document: Receipt | InvoiceDocument, folder: Path) -> None:
    lines = (Line(line_label("premium", "General liability: Premium"), 41_250),)
    renderer = PdfRenderer(TEMPLATES / "documents", folder)
    reader = PdfReader(io.BytesIO(renderer.render(dataclasses.replace(document, lines=lines, locale="es_US"))))
    said = " ".join(" ".join(page.extract_text() for page in reader.pages).replace("\u200b", "").split())
    assert reader.trailer["/Root"]["/Lang"].startswith("es")
    assert left_in_english(said) == []
    assert not re.search(r"\b(Jan|Apr|Aug|Dec) \d", said)
    assert re.search(r"\d{1,2} (ene|ago) 2026", said) or "ago 2026" in said
    assert "General liability: Prima" in said
    assert "$412.50" in said
