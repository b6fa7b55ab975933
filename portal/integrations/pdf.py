"""PDF by typst: tagged (PDF/UA-1), with the fonts of templates/documents/fonts and no others."""

import dataclasses
import io
import json
import re
import threading
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import segno
import structlog
import typst
from PIL import Image
from pypdf import PdfReader, PdfWriter

from portal.core.money import format_money
from portal.core.text import Text
from portal.documents.rendering import Document
from portal.integrations.wording import Wording, wording

log = structlog.get_logger(__name__)
ZERO_WIDTH_SPACE = "\u200b"
_LONG_WORD = re.compile(r"\S{27,}")  # does not fit the narrowest column; it may break anywhere
_EXACT = {"payment_url", "solid_color", "text_color"}
LOGO_PIXELS = (780, 186)  # 2.6 × 0.62 inches at 300 dpi
PICTURE_PPI = 96.0
STANDARD: Literal["ua-1"] = "ua-1"


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
        files = self._files(document)
        moment = datetime.combine(document.dated, time(12), tzinfo=UTC)
        try:
            return self._compile(files, moment, [STANDARD])
        except typst.TypstError as error:
            log.warning("pdf.without_standard", template=document.template, error=type(error).__name__)
            return self._compile(files, moment, [])

    def picture(self, document: Document) -> bytes:
        """Make a PNG picture of its first page, for a screen.

        Raises:
            typst.TypstError: the template itself is wrong.
        """
        compiler = self._compiler
        pages = compiler.compile(self._files(document), format="png", ppi=PICTURE_PPI)
        first = pages[0] if isinstance(pages, list) else pages
        assert isinstance(first, bytes)
        return first

    def together(self, pdfs: Sequence[bytes]) -> bytes:
        """One PDF of several, to be printed; each begins on a sheet of its own, printed on both sides too."""
        writer = PdfWriter()
        for pdf in pdfs:
            pages = PdfReader(io.BytesIO(pdf)).pages
            for page in pages:
                writer.add_page(page)
            if len(pages) % 2:
                writer.add_blank_page()
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()

    @property
    def _compiler(self) -> typst.Compiler:
        compiler: typst.Compiler | None = getattr(self._threads, "compiler", None)
        if compiler is None:
            compiler = self._threads.compiler = typst.Compiler(
                root=self._templates, font_paths=self._fonts, ignore_system_fonts=True
            )
        return compiler

    def _files(self, document: Document) -> Any:
        """What typst reads besides the folder: the data is a file, since new `sys.inputs` cost a new library."""
        data = page_data(document, wording(document.locale, self._translations))
        return {"main.typ": f'#include "{document.template}"'.encode(), "data.json": json.dumps(data).encode()}

    def _compile(self, files: Any, moment: datetime, standards: list[Any]) -> bytes:
        compiler = self._compiler
        pdf = compiler.compile(files, pdf_standards=standards, timestamp=moment)
        assert isinstance(pdf, bytes)
        return pdf


def page_data(document: Document, words: Wording) -> dict[str, object]:
    """What a template is given: the document's fields said in its language, labels, images as SVG."""
    logo, url = document.letterhead.logo, getattr(document, "payment_url", "")
    return {
        **_fields(document, words),
        "title": words.say(document.title),
        "language": words.language,
        "labels": _labels(type(document), words),
        "logo": _logo(logo) if logo else None,
        "qr": _qr(url) if url else None,
    }


@lru_cache(maxsize=64)
def _labels(kind: type[Document], words: Wording) -> dict[str, object]:
    return {name: words.say(label) for name, label in kind.labels.items()}


def _fields(value: object, words: Wording) -> dict[str, object]:
    assert dataclasses.is_dataclass(value)
    return {field.name: _said(field.name, getattr(value, field.name), words) for field in dataclasses.fields(value)}


def _said(name: str, value: object, words: Wording) -> object:
    if name.endswith("_cents") and isinstance(value, int):
        return format_money(value)
    if isinstance(value, bytes):
        return None
    if isinstance(value, tuple):
        return [_said(name, item, words) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, Text):
        return _fields(value, words)
    said = words.say(value)
    return _LONG_WORD.sub(_breakable, said) if isinstance(said, str) and name not in _EXACT else said


def _breakable(word: re.Match[str]) -> str:
    return ZERO_WIDTH_SPACE.join(word.group())


@lru_cache(maxsize=64)
def _logo(data: bytes) -> str:
    """The logo on white paper at 300 dpi of the letterhead's room for it, as an SVG that holds it."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        image.thumbnail(LOGO_PIXELS)
        paper = Image.new("RGB", image.size, "white")
        rgba = image.convert("RGBA")
        paper.paste(rgba, mask=rgba)
    out = io.BytesIO()
    paper.save(out, "JPEG", quality=95, subsampling=0)
    width, height = paper.size
    source = f"data:image/jpeg;base64,{b64encode(out.getvalue()).decode()}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="{source}"/></svg>'
    )


@lru_cache(maxsize=256)
def _qr(url: str) -> str:
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="svg", border=0, xmldecl=False, svgns=True)
    return out.getvalue().decode()
