"""Units of work of a request: one read session, opened when needed; write units opened by the routes that write."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, g

from portal.core.tenancy import Scoped, reading, writing
from portal.web.services import agency, services


def init_units(app: Flask) -> None:
    """Close the request's read session when the request ends."""
    app.teardown_request(lambda _error: close_read_unit())


def read_unit() -> Scoped:
    """The request's read session, scoped to its agency."""
    kept = g._get_current_object()
    if "read_unit" not in kept:
        opened = reading(services().engine, agency().id)
        kept.read_unit, kept.read_end = opened.__enter__(), opened.__exit__
    session: Scoped = kept.read_unit
    return session


def close_read_unit() -> None:
    """End the read session; needed before anything that talks to the outside."""
    if g.pop("read_unit", None) is not None:
        g.pop("read_end")(None, None, None)


@contextmanager
def write_unit() -> Iterator[Scoped]:
    """One transaction of the request's agency; the read session ends first, so that it cannot show old rows."""
    close_read_unit()
    with writing(services().engine, agency().id) as session:
        yield session
