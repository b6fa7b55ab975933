"""PDFs as people send them."""

from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject


def make_pdf(script: str = "") -> bytes:
    """One blank page.

    Args:
        script: what it runs when it is opened; with it comes an attached file that says the same.
    """
    writer = PdfWriter()
    writer.add_blank_page(612, 792)
    if script:
        run = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(script)}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(run)
        writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): DictionaryObject(run)})
        writer.add_attachment("note.txt", script.encode())
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
