"""A PDF that is kept has the pages that were sent, and nothing that runs or hides."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from portal.core.errors import BadInput
from portal.core.pdf_files import clean_pdf
from tests.factories.pdf_files import make_pdf


def test_pages_stay_and_what_runs_or_hides_goes() -> None:
    sent = make_pdf("app.alert(1337)")
    assert b"app.alert" in sent
    kept = clean_pdf(sent)
    for gone in (b"app.alert", b"JavaScript", b"OpenAction", b"EmbeddedFile", b"/AA"):
        assert gone not in kept
    assert len(PdfReader(BytesIO(kept)).pages) == 1


@pytest.mark.parametrize("sent", [b"", b"%PDF-1.7\nnothing\n%%EOF", b"<html>%PDF-", make_pdf()[:200]])
def test_what_is_no_whole_pdf_is_refused(sent: bytes) -> None:
    with pytest.raises(BadInput):
        clean_pdf(sent)
