"""Files as spreadsheets write them, and files that are none."""

import pytest

from portal.imports.csv_file import UnreadableFile, read_csv


@pytest.mark.parametrize(
    "content",
    [
        "Name,City\nZoë,Québec\n".encode(),
        "\ufeffName,City\r\nZoë,Québec\r\n".encode(),
        "Name,City\r\nZoë,Québec".encode("cp1252"),
        "Name;City\r\nZoë;Québec\r\n".encode("cp1252"),
        "Name\tCity\r\nZoë\tQuébec\r\n".encode("utf-16"),
        "Name,City\rZoë,Québec\r".encode(),
        "sep=;\r\nName;City\r\nZoë;Québec\r\n".encode(),
        '"Name","City"\n\n,\n" Zoë ","Québec"\n,,\n'.encode(),
    ],
)
def test_every_habit_reads_the_same(content: bytes) -> None:
    file = read_csv(content)
    assert file.header.cells == ("Name", "City")
    assert [row.cells[:2] for row in file.rows] == [("Zoë", "Québec")]


def test_quoted_commas_quotes_and_line_breaks() -> None:
    file = read_csv(b'Name,Address\n"Acme, Inc.","1 Main St\r\nSuite 4"\n"The ""Best"" Co",x\n')
    assert [row.cells for row in file.rows] == [("Acme, Inc.", "1 Main St Suite 4"), ('The "Best" Co', "x")]
    assert [row.line for row in file.rows] == [2, 4]


def test_the_way_excel_keeps_leading_zeros() -> None:
    assert read_csv(b'Number,Name\n="00123",x\n').rows[0].cells == ("00123", "x")


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("'00123", "00123"),
        ("'=1+1", "=1+1"),
        ("'78701-4042", "78701-4042"),
        ("'Neill", "'Neill"),
        ("'70s Diner", "'70s Diner"),
    ],
)
def test_the_apostrophe_that_marks_a_text_is_left_out(cell: str, read: str) -> None:
    assert read_csv(f"Number,Name\n{cell},x\n".encode()).rows[0].cells == (read, "x")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"  \r\n \n", "empty"),
        (b",,,\n,,\n", "empty"),
        (b"PK\x03\x04rest of a workbook", "Save As"),
        (b"\xd0\xcf\x11\xe0old workbook", "Save As"),
        (b"%PDF-1.7", "PDF"),
        (b"Name,City\nA\x00B,C\n", "not a text file"),
        ("Name,City\nA\0B,C\n".encode("utf-16"), "not a text file"),
        (b"Name,City\n\x81\x8d,x\n", "letters cannot be read"),
        (b'Name,City\nA,"B\nC,D\n', "Line 2"),
        (b'Name,City\nA,B\n"C"x,D\n', "Line 3"),
        (b"Name,City\nA,B\n" + b"x" * 200_000 + b",D\n", "longer than any spreadsheet's"),
    ],
)
def test_what_is_no_csv_file_is_refused_with_a_word_on_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_csv(content)
    assert says in str(refused.value.message)
