"""PDFs that people send: written anew, page by page, so that nothing but what is seen comes along."""

from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject

from portal.core.errors import BadInput
from portal.core.text import text

UNREADABLE = text("Use a whole PDF file, or a JPEG, PNG or WebP picture. Nothing was stored.")


def clean_pdf(data: bytes) -> bytes:
    """The pages of a PDF as a new file: without scripts, actions, attached files, forms, links and who made it.

    Raises:
        BadInput: it cannot be read, is locked by a password, or has no page.
    """
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted or not reader.pages:
            raise BadInput(UNREADABLE)
        writer = PdfWriter()
        for page in reader.pages:
            kept = writer.add_page(page)
            kept.pop("/AA", None)
            if "/Annots" in kept:
                kept["/Annots"] = ArrayObject()
        out = BytesIO()
        writer.write(out)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise BadInput(UNREADABLE) from error
    return out.getvalue()
