"""BindHQ's exports of carriers, marketing companies, coverage types and agencies: their names and ids. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from portal.core.text import text
from portal.imports.csv_file import UnreadableFile, read_csv

COLUMNS: dict[str, tuple[str, ...]] = {
    "external_id": ("bindhq id", "id", "bindhq", "external id"),
    "code": ("code", "coverage code", "bindhq code", "naic", "naic code"),
    "name": ("name", "coverage type", "carrier", "agency", "agency name", "marketing company", "company"),
    "address": ("address", "mailing address", "street", "address 1", "street 1", "line 1"),
    "city": ("city",),
    "state": ("state",),
    "zip": ("zip", "zip code", "postal code"),
    "phone": ("phone", "phone number", "telephone"),
    "contact": ("primary contact", "primary contact name", "contact", "contact name"),
    "email": ("primary contact email", "contact email", "email", "e-mail"),
}
"""What a column may be called in an export, in lower case."""
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class ExportedName:
    """One row of an export; what the file does not say is empty."""

    external_id: str
    code: str
    name: str
    address: str
    phone: str
    contact: str
    email: str


def read_export(content: bytes, *, by_code: bool) -> list[ExportedName]:
    """The rows of an export.

    Args:
        by_code: of coverage types: the code names a row, where the file has one.

    Raises:
        UnreadableFile: no CSV file, too long, or a column is missing.
    """
    file = read_csv(content)
    places = _places(file.header.cells)
    if "name" not in places or ("external_id" not in places and not (by_code and "code" in places)):
        raise UnreadableFile(
            text("The file needs a column with the name and one with the BindHQ ID. It has: %(columns)s.",
                 columns=", ".join(cell for cell in file.header.cells if cell))
        )  # fmt: skip
    if len(file.rows) > MOST_ROWS:
        raise UnreadableFile(text("The file has more than %(most)s rows.", most=MOST_ROWS))
    found = [_read(row.cells, places, by_code=by_code) for row in file.rows]
    return [one for one in found if one.external_id and one.name]


def _read(cells: Sequence[str], places: dict[str, int], *, by_code: bool) -> ExportedName:
    def cell(name: str) -> str:
        place = places.get(name)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    code = cell("code")
    address = ", ".join(
        part for part in (cell("address"), cell("city"), f"{cell('state')} {cell('zip')}".strip()) if part
    )
    named_by = code if by_code and code else cell("external_id")
    return ExportedName(named_by, code, cell("name"), address, cell("phone"), cell("contact"), cell("email"))


def _places(header: Sequence[str]) -> dict[str, int]:
    """Where each column stands: the first that is called so, the likeliest name first."""
    titles = [" ".join(re.sub(r"[^a-z0-9-]+", " ", cell.lower()).split()) for cell in header]
    found: dict[str, int] = {}
    for name, known in COLUMNS.items():
        place = next((titles.index(title) for title in known if title in titles), None)
        if place is not None:
            found[name] = place
    return found
