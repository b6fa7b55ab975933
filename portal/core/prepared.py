"""Queries of columns that stand in the code: made ready once for the driver, then executed with new values only.

SQLAlchemy looks each execution up by the whole statement, writes lists into the SQL and reads the result's columns
anew, which is most of what a small query costs. Here its SQL, the order of the parameters and what becomes of the
columns are kept, never a value that an execution brings. Transactions, errors and listeners are as always.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError

Convert = Callable[[Any], Any]
MOST_KEPT = 64
"""How many ways of one query are kept: one for each dialect and number of values in its lists."""


class KeptQuery:
    """A query, and how it was made ready."""

    def __init__(self, query: Any) -> None:
        self._query = query
        self._ready: dict[object, _Ready] = {}

    def execute(self, connection: Connection, values: Mapping[str, Any]) -> IteratorResult[*tuple[Any, ...]]:
        """Run it in the connection's transaction.

        Args:
            values: of its parameters; lists or tuples for those that expand.

        Raises:
            DBAPIError: as `Connection.execute` does.
            TypeError: something else is given for one that expands.
        """
        lengths = tuple((name, len(value)) for name, value in values.items() if isinstance(value, (list, tuple)))
        key = connection.dialect.name, lengths
        ready = self._ready.get(key)
        if ready is None:
            ready = _Ready(self._query, connection.dialect, values)
            if len(self._ready) >= MOST_KEPT:
                self._ready.clear()
            self._ready[key] = ready
        return ready.execute(connection, values)


class _Ready:
    """A query as one driver takes it, for so many values in each of its lists."""

    def __init__(self, query: Any, dialect: Dialect, values: Mapping[str, Any]) -> None:
        compiled = query.compile(dialect=dialect)
        expanded = compiled.construct_expanded_state(values)
        if not all(isinstance(values.get(name, ()), (list, tuple)) for name in expanded.parameter_expansion):
            raise TypeError("lists and tuples only: it is prepared for their lengths")
        self._sql: str = expanded.statement
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        self._constants = {name: compiled.params[name] for name in binds.keys() - values.keys()}
        parts = {
            part: (name, at) for name, those in expanded.parameter_expansion.items() for at, part in enumerate(those)
        }
        self._names = None if expanded.positiontup is not None else tuple(expanded.parameters)
        self._parameters: list[tuple[str, int | None, Convert | None]] = []
        for each in expanded.positiontup or expanded.parameters:
            name, at = parts.get(each, (each, None))
            to_driver = binds[name].type.dialect_impl(dialect).bind_processor(dialect)
            self._parameters.append((name, at, to_driver))
        self._types = [column.type.dialect_impl(dialect) for column in query.selected_columns]
        self._columns = SimpleResultMetaData(list(query.selected_columns.keys()))
        self._from_driver: list[tuple[int, Convert]] | None = None

    def execute(self, connection: Connection, values: Mapping[str, Any]) -> IteratorResult[*tuple[Any, ...]]:
        """See `KeptQuery.execute`."""
        given = {**self._constants, **values}
        in_order = []
        for name, at, to_driver in self._parameters:
            value = given[name] if at is None else given[name][at]
            in_order.append(value if to_driver is None else to_driver(value))
        parameters = tuple(in_order) if self._names is None else dict(zip(self._names, in_order, strict=True))
        return IteratorResult(self._columns, iter(self._rows(connection, parameters)))

    def _rows(self, connection: Connection, parameters: Any) -> Sequence[Any]:
        dialect, heard, cursor = connection.dialect, connection.dispatch, None
        try:
            cursor = connection.connection.cursor()
            for listener in heard.before_cursor_execute:
                listener(connection, cursor, self._sql, parameters, None, False)
            cursor.execute(self._sql, parameters)
            for listener in heard.after_cursor_execute:
                listener(connection, cursor, self._sql, parameters, None, False)
            rows, described = cursor.fetchall(), cursor.description
            cursor.close()
        except dialect.loaded_dbapi.Error as error:
            is_gone = dialect.is_disconnect(error, connection.connection.driver_connection, cursor)
            if is_gone:
                connection.invalidate(error)
            elif cursor is not None:
                cursor.close()
            raise DBAPIError.instance(
                self._sql, None, error, dialect.loaded_dbapi.Error, True, is_gone, dialect
            ) from error
        if self._from_driver is None:
            converts = [
                each.result_processor(dialect, told[1]) for each, told in zip(self._types, described, strict=True)
            ]
            self._from_driver = [(at, convert) for at, convert in enumerate(converts) if convert is not None]
        return [self._converted(row) for row in rows] if self._from_driver else rows

    def _converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for at, convert in self._from_driver or ():
            values[at] = convert(values[at])
        return tuple(values)
