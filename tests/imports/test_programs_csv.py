"""Whole files, without a database: what comes in, and what is reported of bad rows."""

from datetime import date
from decimal import Decimal

import pytest

from portal.imports.columns import COLUMNS
from portal.imports.problems import Problem
from portal.imports.programs_csv import ProgramFile, read_programs
from tests.factories.programs_file import ROW, csv_bytes, csv_text


def found(file: ProgramFile) -> list[tuple[int, str, str]]:
    """Line, column and value of each error."""
    return [(problem.line, problem.column, problem.value) for problem in file.errors]


def only(file: ProgramFile) -> Problem:
    """The file's one problem."""
    assert len(file.problems) == 1, file.problems
    return file.problems[0]


def test_a_program_of_two_policies() -> None:
    file = read_programs(
        csv_bytes(
            {"Amount paid so far": "$500.00", "ZIP": "2139"},
            {"Policy number": "UMB-1", "Coverage code": "umbrella (commercial)", "Insured name": "", "Due date": ""},
        )
    )
    assert file.problems == ()
    (program,) = file.programs
    assert program.reference == "P-100"
    assert program.due_date == date(2026, 8, 1)
    assert program.opening_paid_cents == 500_00
    assert program.insured.name == "Riverside Bakery, LLC"
    assert program.insured.postal_code == "02139"
    assert program.insured.emails == ("ana@riverside.example",)
    assert [policy.coverage for policy in program.policies] == ["General Liability", "Umbrella (Commercial)"]
    assert program.policies[0].carrier_naic == "35378"
    assert program.policies[0].gross_commission_rate == Decimal("0.15")
    assert program.total_cents == 2 * 1_100_00


def test_headings_in_an_agencys_own_words() -> None:
    titles = {
        "Insured name": "NAMED_INSURED",
        "Carrier": "insurance company",
        "Coverage code": "LOB",
        "ZIP": "Zip Code",
    }
    content = csv_text({})
    for ours, theirs in titles.items():
        content = content.replace(ours, theirs)
    assert read_programs(content.encode()).programs == read_programs(csv_bytes({})).programs


def test_every_heading_means_one_column() -> None:
    from portal.imports.columns import _title_key

    keys = [_title_key(title) for column in COLUMNS for title in {column.title, *column.also}]
    assert sorted(keys) == sorted(set(keys))


def test_missing_unknown_and_double_columns() -> None:
    content = csv_text({"Premium amount": "1", "Carier": "x", "Mood": "good"}).replace("Due date", "Something")
    file = read_programs(content.encode())
    assert file.programs == ()
    assert ("Premium amount", "Two columns mean Premium. Remove or rename one.") in [
        (problem.column, str(problem.message)) for problem in file.errors
    ]
    assert "The column Due date is missing" in " ".join(str(problem.message) for problem in file.errors)
    warnings = {problem.column: str(problem.message) for problem in file.warnings}
    assert "Did you mean Carrier?" in warnings["Carier"]
    assert "left out" in warnings["Mood"]


def test_every_bad_cell_of_a_row_is_reported() -> None:
    file = read_programs(
        csv_bytes({}, {"Program reference": "P-2", "ZIP": "x", "Premium": "abc", "Due date": "13/1/2026"})
    )
    assert sorted(found(file)) == [(3, "Due date", "13/1/2026"), (3, "Premium", "abc"), (3, "ZIP", "x")]
    assert [program.reference for program in file.programs] == ["P-100"]
    assert file.bad_programs == {"P-2"}


def test_a_bad_row_keeps_its_whole_program_out() -> None:
    file = read_programs(csv_bytes({}, {"Policy number": "X-2", "Premium": "-5"}, {"Program reference": "P-2"}))
    assert [program.reference for program in file.programs] == ["P-2"]


def test_rows_of_one_program_must_agree() -> None:
    rows = {"Policy number": "X-2", "Due date": "9/1/2026"}, {"Program reference": "P-2", "City": "Salem"}
    file = read_programs(csv_bytes({}, *rows))
    assert found(file) == [(3, "Due date", "9/1/2026"), (4, "City", "Salem")]
    assert "Line 2 says “8/1/2026”" in str(file.errors[0].message)


def test_one_insured_per_program() -> None:
    file = read_programs(csv_bytes({}, {"Policy number": "X-2", "Insured reference": "C-200"}))
    assert (3, "Insured reference", "C-200") in found(file)


def test_without_an_insured_reference_each_program_has_its_own() -> None:
    rows = {"Insured reference": ""}, {"Insured reference": "", "Program reference": "P-2"}
    file = read_programs(csv_bytes(*rows))
    assert [program.insured.reference for program in file.programs] == ["P-100", "P-2"]


@pytest.mark.parametrize("column", [column.title for column in COLUMNS if column.is_required])
def test_required_cells(column: str) -> None:
    assert (2, column, "") in found(read_programs(csv_bytes({column: ""})))


def test_at_most_25_policies() -> None:
    rows = [{"Policy number": f"N-{number}"} for number in range(26)]
    assert only(read_programs(csv_bytes(*rows))).line == 27
    assert len(read_programs(csv_bytes(*rows[:25])).programs[0].policies) == 25


def test_expiration_is_after_effective() -> None:
    assert only(read_programs(csv_bytes({"Expiration date": "7/15/2026"}))).column == "Expiration date"


def test_the_same_policy_twice_in_a_program() -> None:
    assert only(read_programs(csv_bytes({}, {}))).line == 3


def test_the_same_policy_in_two_programs_is_only_doubtful() -> None:
    file = read_programs(csv_bytes({}, {"Program reference": "P-2"}))
    assert only(file).is_warning
    assert len(file.programs) == 2


def test_paid_fits_into_the_total() -> None:
    assert read_programs(csv_bytes({"Amount paid so far": "1100"})).errors == ()
    assert "$1,100.00" in str(only(read_programs(csv_bytes({"Amount paid so far": "1100.01"}))).message)
    assert "draft" in str(only(read_programs(csv_bytes({"Amount paid so far": "1", "Draft": "yes"}))).message)


def test_nothing_to_pay() -> None:
    file = read_programs(csv_bytes({"Premium": "0", "Taxes": "", "Policy fee": "-"}))
    assert "nothing to pay" in str(only(file).message)


def test_carriers() -> None:
    file = read_programs(csv_bytes({"Carrier": "Nowhere Mutual"}, {"Carrier": "Nowhere Mutual", "Policy number": "2"}))
    assert only(file).is_warning
    assert file.programs[0].policies[0].carrier == "Nowhere Mutual"
    file = read_programs(csv_bytes({"Carrier": "EVANSTON INS CO", "NAIC": "35378"}))
    assert file.programs[0].policies[0].carrier == "Evanston Insurance Company"
    assert only(read_programs(csv_bytes({"NAIC": "19437"}))).is_warning


def test_an_unknown_coverage_is_kept() -> None:
    file = read_programs(csv_bytes({"Coverage code": "KITE"}))
    assert only(file).is_warning
    assert file.programs[0].policies[0].coverage == "KITE"
    assert read_programs(csv_bytes({"Coverage code": "KITE", "Coverage name": "Kites"})).problems == ()


def test_addresses_abroad_keep_their_postal_code() -> None:
    file = read_programs(csv_bytes({"Country": "CA", "State": "Ontario", "ZIP": "K1A 0B1"}))
    assert file.problems == ()
    assert file.programs[0].insured.postal_code == "K1A 0B1"
    assert (2, "ZIP", "K1A 0B1") in found(read_programs(csv_bytes({"ZIP": "K1A 0B1"})))


def test_a_comma_that_is_not_quoted() -> None:
    content = csv_text({}) + csv_text({"Program reference": "P-2"}).splitlines()[1].replace('"', "") + "\r\n"
    assert any("more cells" in str(problem.message) for problem in read_programs(content.encode()).errors)


def test_a_header_alone() -> None:
    assert "no rows" in str(only(read_programs((",".join(ROW) + "\n").encode())).message)


@pytest.mark.parametrize("above", ["Export of July\r\n", '<html lang="en">\r\n', "Export,of,July\r\n"])
def test_a_first_line_without_titles_is_one_finding(above: str) -> None:
    file = read_programs((above + csv_text({})).encode())
    assert "Delete what stands above them" in str(only(file).message)
    assert file.programs == ()
