"""The database: base class, types, engine, and the retry of a whole unit. SQLite and PostgreSQL alike."""

import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    DateTime,
    Dialect,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
    text,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

BigInt = BigInteger().with_variant(Integer, "sqlite")
Result = TypeVar("Result")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment. SQLite hands back naive ones: they were stored in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC; a naive moment is a mistake."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Rate(TypeDecorator[Decimal]):
    """A rate as a fraction (0.125 is 12.5 %), kept in whole millionths: exact on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Store as millionths; a finer rate is a mistake."""
        if value is None:
            return None
        millionths = value * 1_000_000
        if millionths != millionths.to_integral_value():
            raise ValueError("a rate has at most six decimals")
        return int(millionths)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Read as a fraction."""
        return None if value is None else Decimal(value) / 1_000_000


def by_letters() -> String:
    """Text ordered by its characters' numbers on both databases, so that an index finds what begins with something."""
    return String().with_variant(String(collation="C"), "postgresql")


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows that satisfy a condition, the same on both databases."""
    return Index(name, *columns, unique=unique, postgresql_where=text(where), sqlite_where=text(where))


class Base(DeclarativeBase):
    """Base of every table; names of constraints are fixed so that migrations can refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UtcDateTime(),
        date: Date(),
        Decimal: Rate(),
        str: String(),
        int: BigInt,
        dict[str, Any]: JSON(),
    }

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)


def make_engine(url: str, *, pool_size: int = 20) -> Engine:
    """Open a database.

    SQLite runs in WAL with full durability and foreign keys on; `writing()` units take its one
    write lock at BEGIN, since SQLite silently drops FOR UPDATE.
    Errors never show the values of a statement: they are personal.

    Args:
        url: a SQLAlchemy URL, sqlite:///path or postgresql+psycopg://…
        pool_size: connections kept open.
    """
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=not url.startswith("sqlite"),
        hide_parameters=True,
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Any) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def is_retryable(error: OperationalError) -> bool:
    """Whether a whole unit may simply be run again: a locked SQLite, a serialization failure or deadlock."""
    code = getattr(error.orig, "sqlstate", None)
    return code in {"40001", "40P01"} or (
        isinstance(error.orig, sqlite3.OperationalError) and "locked" in str(error.orig)
    )


def run_unit(unit: Callable[[], Result], *, tries: int = 5) -> Result:
    """Run a unit of work that opens its own transaction, again if the database asks for it.

    Args:
        unit: opens, works and commits; nothing of a failed run survives.
        tries: runs at the most.
    """
    for attempt in range(1, tries):
        try:
            return unit()
        except OperationalError as error:
            if not is_retryable(error):
                raise
            time.sleep(0.02 * 2**attempt)
    return unit()


def refresh_statistics(engine: Engine) -> None:
    """Tell PostgreSQL how its tables have grown, in the middle of a bulk load.

    Plans of foreign key checks made while tables were empty would else scan them: ten times slower by 5,000 rows.
    Tables that the role does not own are left to autovacuum. SQLite needs none of this.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
