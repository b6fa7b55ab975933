"""PDF by typst: tagged (PDF/UA-1), with the fonts of templates/documents/fonts and no others."""

import dataclasses
import io
import json
import threading
from base64 import b64encode
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path

import segno
import structlog
import typst
from PIL import Image

from portal.core.money import format_money
from portal.documents.rendering import Document
from portal.integrations.wording import Wording, wording

log = structlog.get_logger(__name__)
STANDARD = "ua-1"


class PdfRenderer:
    """Renders documents; safe to share between threads, each has a compiler of its own.

    Data reaches the templates as JSON and stays data: nothing in it is read as typst code.

    Args:
        templates: folder of the *.typ files, with `fonts/` in it.
        translations: folder of the compiled catalogs, if there are any.
    """

    def __init__(self, templates: Path, translations: Path | None = None) -> None:
        self._templates = templates
        self._translations = translations
        self._fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[templates / "fonts"]
        )
        self._threads = threading.local()

    def render(self, document: Document) -> bytes:
        """Make the PDF of a document; the same value makes the same bytes.

        A character that no font has does not stop it: the PDF is then made without the
        accessibility standard, which forbids such gaps, and that is logged.

        Raises:
            typst.TypstError: the template itself is wrong.
        """
        data = json.dumps(page_data(document, wording(document.locale, self._translations)))
        moment = datetime.combine(document.dated, time(12), tzinfo=UTC)
        try:
            return self._compile(document.template, data, moment, [STANDARD])
        except typst.TypstError as error:
            log.warning("pdf_without_standard", template=document.template, reason=error.message)
            return self._compile(document.template, data, moment, [])

    def _compile(self, template: str, data: str, moment: datetime, standards: list[typst.PDFStandard]) -> bytes:
        compiler = getattr(self._threads, "compiler", None)
        if compiler is None:
            compiler = self._threads.compiler = typst.Compiler(
                root=self._templates, font_paths=self._fonts, ignore_system_fonts=True
            )
        pdf = compiler.compile(
            self._templates / template, sys_inputs={"data": data}, pdf_standards=standards, timestamp=moment
        )
        assert isinstance(pdf, bytes)
        return pdf


def page_data(document: Document, words: Wording) -> dict[str, object]:
    """What a template is given: the document's fields said in its language, labels, images as SVG."""
    assert dataclasses.is_dataclass(document)
    fields = {field.name: _said(field.name, getattr(document, field.name), words) for field in fields_of(document)}
    url = getattr(document, "payment_url", "")
    return {
        **fields,
        "title": words.say(document.title),
        "language": words.language,
        "labels": {name: words.say(label) for name, label in document.labels.items()},
        "logo": _logo(document.letterhead.logo) if document.letterhead.logo else None,
        "qr": _qr(url) if url else None,
    }


def fields_of(value: object) -> tuple[dataclasses.Field[object], ...]:
    """The fields of a document value or of a part of it."""
    assert dataclasses.is_dataclass(value)
    return dataclasses.fields(value)


def _said(name: str, value: object, words: Wording) -> object:
    if name == "logo":
        return None
    if name.endswith("_cents") and isinstance(value, int):
        return format_money(value)
    if isinstance(value, tuple):
        return [_said("", item, words) for item in value]
    if dataclasses.is_dataclass(value) and hasattr(value, "__match_args__") and name != "label":
        said = words.say(value)
        if said is not value:
            return said
        return {field.name: _said(field.name, getattr(value, field.name), words) for field in fields_of(value)}
    return words.say(value)


@lru_cache(maxsize=64)
def _logo(data: bytes) -> str:
    with Image.open(io.BytesIO(data)) as image:
        width, height, kind = image.width, image.height, (image.format or "png").lower()
    source = f"data:image/{kind};base64,{b64encode(data).decode()}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="{source}"/></svg>'
    )


@lru_cache(maxsize=256)
def _qr(url: str) -> str:
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="svg", border=0, xmldecl=False, svgns=True)
    return out.getvalue().decode()
