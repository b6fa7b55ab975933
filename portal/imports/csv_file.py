"""Read a CSV file the way spreadsheets really write it: encodings, delimiters, line ends, quotes."""

import csv
import io
import re
from dataclasses import dataclass

from portal.core.errors import BadInput
from portal.core.text import text

DELIMITERS = ",;\t|"
_MARKED_AS_TEXT = re.compile(r"'([=+@-].*|[\d -]+)")
_SIGNATURES = {
    b"PK\x03\x04": "Excel workbook",
    b"\xd0\xcf\x11\xe0": "Excel workbook",
    b"%PDF": "PDF",
    b"\x1f\x8b": "compressed file",
}


class UnreadableFile(BadInput):
    """The file as a whole cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with the number of the line it starts on (the header's is usually 1)."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file's header and its rows; blank rows are left out."""

    header: Row
    rows: tuple[Row, ...]


def read_csv(content: bytes) -> CsvFile:
    """Read a file: UTF-8, UTF-16 with BOM or Windows-1252; any line ends; comma, semicolon, tab or bar.

    Cells are trimmed, line breaks and runs of blanks inside them become one blank, Excel's ="00123" becomes 00123, and
    the apostrophe that marks a text ('00123, or '=1+1 as our own exports write it) is left out.

    Raises:
        UnreadableFile: empty, binary, a broken quotation, an unknown encoding.
    """
    lines = _decode(content).lstrip("\ufeff")
    skipped = 0
    if lines[:4].lower() == "sep=":
        _, _, lines = lines.partition("\n")
        skipped = 1
    rows = _rows(lines, _delimiter(lines), skipped)
    if not rows:
        raise UnreadableFile(text("The file is empty."))
    return CsvFile(rows[0], tuple(rows[1:]))


def _decode(content: bytes) -> str:
    if not content.strip():
        raise UnreadableFile(text("The file is empty."))
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            raise UnreadableFile(
                text(
                    "This is not a CSV file (%(kind)s). In Excel choose File, Save As, “CSV UTF-8 (Comma delimited)”, "
                    "and import that file.",
                    kind=kind,
                )
            )
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if is_wide else ["utf-8-sig", "cp1252"]:
        try:
            decoded = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in decoded:
            raise UnreadableFile(
                text("This is not a text file. In Excel choose File, Save As, “CSV UTF-8 (Comma delimited)”.")
            )
        return decoded
    raise UnreadableFile(
        text("The file’s letters cannot be read. In Excel choose File, Save As, “CSV UTF-8 (Comma delimited)”.")
    )


def _delimiter(lines: str) -> str:
    """The delimiter of the first line that is not blank, quoted parts aside; a comma when there is none."""
    first = next((line for line in lines.splitlines() if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=lambda mark: (outside.count(mark), mark == ","))


def _rows(lines: str, delimiter: str, skipped: int) -> list[Row]:
    reader = csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    start = 1 + skipped
    try:
        for cells in reader:
            cleaned = tuple(_clean(cell) for cell in cells)
            if any(cleaned):
                rows.append(Row(start, cleaned))
            start = reader.line_num + 1 + skipped
    except csv.Error as error:
        raise UnreadableFile(
            text(
                "Line %(line)s cannot be read: a quotation mark is not closed, or stands where none belongs, "
                "or a cell is longer than any spreadsheet's. Write a quotation mark inside a cell twice.",
                line=start,
            )
        ) from error
    return rows


def _clean(cell: str) -> str:
    cell = " ".join(cell.split())
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 3:
        cell = cell[2:-1]
    return cell[1:] if _MARKED_AS_TEXT.fullmatch(cell) else cell
