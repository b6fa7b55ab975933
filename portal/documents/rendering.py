"""How a document becomes a PDF, seen from the business: somebody does it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar, Protocol

from portal.core.text import Text
from portal.documents.letterhead import Letterhead


class Document(Protocol):
    """What every document value offers besides its own fields."""

    template: ClassVar[str]
    labels: ClassVar[Mapping[str, Text]]

    @property
    def letterhead(self) -> Letterhead:
        """Whose paper it is on."""

    @property
    def locale(self) -> str:
        """The reader's language."""

    @property
    def title(self) -> Text:
        """The document's title."""

    @property
    def dated(self) -> date:
        """The day it speaks of."""


class DocumentRenderer(Protocol):
    """Turns a document into a PDF."""

    def render(self, document: Document) -> bytes:
        """Make the PDF: tagged, in the reader's language."""

    def picture(self, document: Document) -> bytes:
        """Make a PNG picture of its first page, for a screen."""

    def together(self, pdfs: Sequence[bytes]) -> bytes:
        """One PDF of several, to be printed."""
