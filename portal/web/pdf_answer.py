"""A document as the answer to a request."""

from werkzeug.wrappers import Response

from portal.documents.rendering import Document
from portal.web.services import services


def pdf_answer(document: Document, filename: str) -> Response:
    """The tagged PDF, to be looked at in the browser or kept under its name."""
    return Response(
        services().renderer.render(document),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{filename}"'},
    )
