"""Tenants: a session belongs to one agency for its whole life and fails closed.

`reading` and `writing` are the ways to open one. `unscoped_*` sessions see the few global tables only.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVarTuple
from weakref import WeakKeyDictionary

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Connection,
    Engine,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    UniqueConstraint,
    bindparam,
    event,
    literal_column,
)
from sqlalchemy.engine import IteratorResult
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, declared_attr, mapped_column, with_loader_criteria
from sqlalchemy.sql.selectable import TypedReturnsRows
from sqlalchemy.sql.visitors import replacement_traverse

from portal.core.db import BigInt
from portal.core.failpoints import failpoint
from portal.core.prepared import KeptQuery

Columns = TypeVarTuple("Columns")


class NoScope(RuntimeError):
    """A statement that the agency's scope cannot be put on."""


class CrossTenant(RuntimeError):
    """An attempt to write a row of another agency."""


class ReadOnly(RuntimeError):
    """An attempt to change something in a read unit."""


class Tenant:
    """Mixin of every table whose rows belong to an agency."""

    @declared_attr
    def agency_id(cls) -> Mapped[int]:  # noqa: N805 - SQLAlchemy hands in the class
        """The agency that owns the row."""
        return mapped_column(BigInt, ForeignKey("agency.id", ondelete="RESTRICT"))

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805
        return tenant_table()


def tenant_table(*more: Any) -> tuple[Any, ...]:
    """Table arguments of a tenant table: the target of composite foreign keys, and what the table adds."""
    return (UniqueConstraint("agency_id", "id"), *more)


def belongs_to(column: str, table: str) -> ForeignKeyConstraint:
    """A reference to another tenant table that cannot cross agencies.

    Args:
        column: the referring column of this table.
        table: the name of the table referred to.
    """
    return ForeignKeyConstraint(["agency_id", column], [f"{table}.agency_id", f"{table}.id"], ondelete="RESTRICT")


class Scoped(Session):
    """A session of one agency. The agency is set once; every ORM statement is narrowed to it."""

    def __init__(self, bind: Any, agency_id: int) -> None:
        super().__init__(bind, expire_on_commit=False)
        self._agency_id = agency_id
        self._writes: bool = bind.get_execution_options().get("writes", False)

    @property
    def agency_id(self) -> int:
        """The agency this session belongs to, for its whole life."""
        return self._agency_id

    @property
    def writes(self) -> bool:
        """Whether this is the session of a write unit."""
        return self._writes

    def rows(self, statement: TypedReturnsRows[*Columns], values: Mapping[str, Any]) -> IteratorResult[*Columns]:
        """Run a query that names columns, not entities, in its agency: as `execute`, with a third of the work.

        Args:
            statement: one that lives as long as its module, else nothing is gained.
            values: its parameters.

        Raises:
            NoScope: the agency's scope cannot be put on it.
        """
        kept = _kept.get(statement)
        if kept is None:
            narrowed = _narrow(_with_constants(statement))
            if not narrowed.is_select or "own_agency_id" not in narrowed.compile(self.get_bind()).params:
                raise NoScope("ask for columns of entities, not by text or of a table")
            kept = _kept[statement] = KeptQuery(narrowed)
        if self.autoflush:
            self.flush()
        return kept.execute(self.connection(), {**values, "own_agency_id": self._agency_id})


class Unscoped(Session):
    """A session without an agency: for global tables only."""

    def __init__(self, bind: Any) -> None:
        super().__init__(bind, expire_on_commit=False)


@event.listens_for(Scoped, "do_orm_execute")
def _scope(state: ORMExecuteState) -> None:
    session = state.session
    assert isinstance(session, Scoped)
    agency_id = session.agency_id
    if not state.is_orm_statement:
        raise NoScope("name the entity, not text or a table")
    if not (state.is_select or session.writes):
        raise ReadOnly(str(state.statement))
    if state.is_insert:
        mapper = state.bind_mapper
        if mapper is not None and issubclass(mapper.class_, Tenant):
            given: Any = state.parameters or {}
            rows = given if isinstance(given, list) else [given]
            if any(row.get("agency_id", agency_id) != agency_id for row in rows):
                raise CrossTenant("insert")
            state.statement = state.statement.values(agency_id=agency_id)  # type: ignore[attr-defined]
        return
    if state.is_update and isinstance(state.parameters, list):
        raise NoScope("bulk update by primary key")
    if not state.is_select:
        state.statement = state.statement.options(_rows_of(agency_id))
        return
    values: Any = state.parameters or {}
    state.statement = _narrow(state.statement)
    state.parameters = {**values, "own_agency_id": agency_id}


def _narrow(statement: Any) -> Any:
    """A query with its scope."""
    narrowed = _narrowed.get(statement)
    if narrowed is None:
        narrowed = _narrowed[statement] = statement.options(_OWN_ROWS)
    return narrowed


def _with_constants(statement: Any) -> Any:
    """A query with the words and numbers of its own code written into its SQL, which `==` and `in_` make parameters.

    An index of some rows (`state = 'live'`) fits no parameter: SQLite plans such a query anew for each execution, and
    PostgreSQL cannot keep its plan. What an execution brings stays a parameter.
    """
    return replacement_traverse(statement, {}, _constant)


def _constant(element: Any, **_: Any) -> Any:
    if not isinstance(element, BindParameter) or element.required or type(element.type) not in _PLAIN_TYPES:
        return None
    if not (element.unique or element.literal_execute):  # it has a name, by which an execution can bring another value
        return None
    values = element.value if element.expanding else [element.value]
    if not values or not all(type(value) is int or (type(value) is str and value.isidentifier()) for value in values):
        return None
    sql = ", ".join(str(value) if type(value) is int else f"'{value}'" for value in values)
    return literal_column(f"({sql})" if element.expanding else sql, element.type)


_PLAIN_TYPES = {String, Integer, BigInteger}
"""Those whose values a database takes as they are."""
_OWN_ROWS = with_loader_criteria(
    Tenant, lambda cls: cls.agency_id == bindparam("own_agency_id", type_=BigInt), include_aliases=True
)
"""The scope of a query. It holds no agency: each execution brings its own as a parameter, and fails without."""
_narrowed: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
"""Queries with their scope: one that lives as long as its module is narrowed and analysed once, for all agencies."""
_kept: WeakKeyDictionary[Any, KeptQuery] = WeakKeyDictionary()
"""Those for `Scoped.rows` whose SQL was seen to ask for the agency."""


def _rows_of(agency_id: int) -> Any:
    """The scope of a change, with the agency in it: the session also applies it to the rows that it holds."""
    return with_loader_criteria(Tenant, lambda cls: cls.agency_id == agency_id, include_aliases=True)


@event.listens_for(Scoped, "before_flush")
def _own_rows_only(session: Scoped, _context: object, _instances: object) -> None:
    if not session.writes:
        raise ReadOnly("a read unit keeps nothing")
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, Tenant):
            continue
        owner: int | None = row.agency_id
        if owner is None and row in session.new:
            row.agency_id = session.agency_id
        elif owner != session.agency_id:
            raise CrossTenant(type(row).__name__)


@event.listens_for(Scoped, "after_begin")
def _row_level_security(session: Scoped, _transaction: object, connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        statement = _WRITES_ITS_OWN if session.writes else _READS_ITS_OWN
        connection.exec_driver_sql(statement, (str(session.agency_id),))


_WRITES_ITS_OWN = "SELECT set_config('app.agency_id', %s, true)"
_READS_ITS_OWN = f"{_WRITES_ITS_OWN}, set_config('transaction_read_only', 'on', true)"


@event.listens_for(Unscoped, "do_orm_execute")
def _global_only(state: ORMExecuteState) -> None:
    if not state.is_orm_statement:
        raise NoScope("name the entity, not text or a table")
    if any(issubclass(mapper.class_, Tenant) for mapper in state.all_mappers):
        raise NoScope("a tenant's table needs the session of an agency")


@event.listens_for(Unscoped, "before_flush")
def _global_rows_only(session: Unscoped, _context: object, _instances: object) -> None:
    if any(isinstance(row, Tenant) for row in (*session.new, *session.dirty, *session.deleted)):
        raise NoScope("a tenant's row needs the session of an agency")


_open_units: ContextVar[int] = ContextVar("open_units", default=0)


class UnitOpen(RuntimeError):
    """A network call was about to be made with a transaction open."""


def assert_no_open_unit() -> None:
    """Called by whatever talks to the outside: no transaction may be open across a network call.

    Raises:
        UnitOpen: one is.
    """
    if _open_units.get():
        raise UnitOpen("close the session before talking to the outside")


@contextmanager
def _counted() -> Iterator[None]:
    _open_units.set(_open_units.get() + 1)
    try:
        yield
    finally:
        _open_units.set(_open_units.get() - 1)


def _end(session: Session) -> None:
    """End a read unit by COMMIT: at a ROLLBACK psycopg forgets all that PostgreSQL has parsed and planned for us."""
    session.expunge_all()
    session.commit()


@contextmanager
def reading(engine: Engine, agency_id: int) -> Iterator[Scoped]:
    """A read unit of one agency; it refuses to write, and what it changes on a row it has read is not kept."""
    with _counted(), Scoped(engine, agency_id) as session, session.no_autoflush:
        yield session
        _end(session)


@contextmanager
def writing(engine: Engine, agency_id: int) -> Iterator[Scoped]:
    """A write unit of one agency: one transaction, committed at the end, rolled back on any error."""
    with _counted(), Scoped(engine.execution_options(writes=True), agency_id) as session, session.begin():
        yield session
        failpoint("before commit")
    failpoint("after commit")


@contextmanager
def reading_global(engine: Engine) -> Iterator[Unscoped]:
    """A read unit on the global tables."""
    with _counted(), Unscoped(engine) as session:
        yield session
        _end(session)


@contextmanager
def writing_global(engine: Engine) -> Iterator[Unscoped]:
    """A write unit on the global tables."""
    with _counted(), Unscoped(engine.execution_options(writes=True)) as session, session.begin():
        yield session
        failpoint("before commit")
    failpoint("after commit")
