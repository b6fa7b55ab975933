"""A table as the answer to a request, for a spreadsheet."""

from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from tempfile import TemporaryFile

from flask import send_file
from werkzeug.wrappers import Response

from portal.core.csv_cells import write_csv


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A file to keep, with safe cells.

    It is written to the end before the first byte is sent: a table of any length is of one moment, and neither
    memory nor a transaction hangs on how slowly somebody takes it.

    Args:
        name: of the file, without its ending.
    """
    file = TemporaryFile()  # noqa: SIM115  # the server closes it when it is sent
    written = TextIOWrapper(file, encoding="utf-8", newline="")
    write_csv(written, header, rows)
    written.detach()
    file.seek(0)
    answer = send_file(file, mimetype="text/csv", as_attachment=True, download_name=f"{name}.csv")
    answer.headers["Cache-Control"] = "no-store"
    return answer
