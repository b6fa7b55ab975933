"""Programs files to import, built from the cells that a test is about."""

import csv
import io

ROW = {
    "Insured reference": "C-100",
    "Insured name": "Riverside Bakery, LLC",
    "Address": "12 Main St",
    "City": "Boston",
    "State": "MA",
    "ZIP": "02139",
    "E-mails": "ana@riverside.example",
    "Program reference": "P-100",
    "Due date": "8/1/2026",
    "Policy number": "CPS 0071234",
    "Carrier": "Evanston Insurance Company",
    "Coverage code": "CGL",
    "Effective date": "7/15/2026",
    "Expiration date": "7/15/2027",
    "Premium": "1,000.00",
    "Taxes": "40.00",
    "Policy fee": "60.00",
    "Gross commission %": "15%",
}


def csv_text(*rows: dict[str, str], delimiter: str = ",", line_end: str = "\r\n") -> str:
    """A file with a row for each dict: the usual cells, and what it says instead."""
    filled = [ROW | row for row in rows]
    columns = list(dict.fromkeys(column for row in filled for column in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, delimiter=delimiter, lineterminator=line_end, restval="")
    writer.writeheader()
    writer.writerows(filled)
    return out.getvalue()


def csv_bytes(*rows: dict[str, str]) -> bytes:
    """The same as UTF-8."""
    return csv_text(*rows).encode()
