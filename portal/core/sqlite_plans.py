"""What SQLite presumes about our tables, so that its plans are those of a large agency from the first day on.

Nearly every index begins with the agency. Without statistics SQLite presumes ten rows for each value of an index's
first column, and would read all rows of an agency to find a few of them.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

PRESUMED_ROWS = 100_000
PRESUMED_PARTIAL = 100
PRESUMED_OPEN = 10_000
"""Open invoices: far more than what else is open, archived or under way."""
PRESUMED_ALIKE = 10
MANY = {"ix_invoice_partner": "10000 10000 1000 1000 10 10 1", "ix_journal_line_policy": "100000 100000 10"}
"""Partial indexes of many rows all the same: a partner owes hundreds of invoices, and most lines are of a policy."""


def presume_growth(connection: Connection) -> None:
    """Write the statistics of a grown agency for every index, in place of what was there (sqlite.org/fileformat2, 2.6).

    Args:
        connection: to SQLite, at the end of a migration.
    """
    connection.exec_driver_sql("ANALYZE alembic_version")  # makes the table of statistics
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    indexes = connection.exec_driver_sql(
        'SELECT m.name, i.name, i."unique", i.partial FROM sqlite_schema m, pragma_index_list(m.name) i'
        " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite~_%' ESCAPE '~'"
    ).all()
    for table, index, is_unique, is_partial in indexes:
        columns = connection.exec_driver_sql("SELECT name FROM pragma_index_info(?)", (index,)).scalars().all()
        some = PRESUMED_OPEN if index == "ix_invoice_open_due" else PRESUMED_PARTIAL
        stat = MANY.get(index) or presumed(columns, bool(is_unique), some if is_partial else PRESUMED_ROWS)
        connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", (table, index, stat))


def presumed(columns: Sequence[str], is_unique: bool, rows: int) -> str:
    """The statistics of one index: its rows, then how many are alike in the first column, the first two, and so on.

    >>> presumed(["agency_id", "program_id"], False, 100_000)
    '100000 100000 10'
    >>> presumed(["agency_id", "id"], True, 100_000)
    '100000 100000 1'
    """
    first = rows if columns[0] == "agency_id" else PRESUMED_ALIKE
    alike = [first, *(PRESUMED_ALIKE for _ in columns[1:])]
    if is_unique:
        alike[-1] = 1
    return " ".join(map(str, [rows, *alike]))
