"""What may stand in a page's address: ids that a database can hold, and names of letters, digits and a few signs.

Anything else is no page of ours, before any database is asked.
"""

from flask import Flask
from werkzeug.routing import BaseConverter, IntegerConverter


class Id(IntegerConverter):
    """A row's id, as in `<int:program_id>`."""

    regex = r"\d{1,18}"


class Name(BaseConverter):
    """A token or a content hash, as in `<token>`."""

    regex = r"[A-Za-z0-9._~-]{1,200}"


def init_address_parts(app: Flask) -> None:
    """Install them, before any route is registered."""
    app.url_map.converters |= {"int": Id, "default": Name}
