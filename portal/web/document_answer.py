"""A document that staff keep with a program as the answer to a request: always a download, never shown in the page."""

from werkzeug.wrappers import Response

from portal.core.errors import NotFound
from portal.core.files import find_file
from portal.core.tenancy import Scoped
from portal.programs.documents import FILE_KIND, PDF, documents_of


def document_answer(session: Scoped, program_id: int, token: str, *, shared_only: bool = False) -> Response:
    """The file.

    Args:
        program_id: a program that the reader may see.
        shared_only: for the insured.

    Raises:
        NotFound: the program has no such document, or it is not to be seen.
    """
    found = next(
        (one for one in documents_of(session, program_id, shared_only=shared_only) if one.token == token), None
    )
    if found is None:
        raise NotFound
    file = find_file(session, FILE_KIND, token)
    name = f"{found.kind}-{found.id}.{'pdf' if file.content_type == PDF else 'jpg'}"
    return Response(
        file.data, mimetype=file.content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
