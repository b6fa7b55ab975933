"""What the address of a list says: its filters, and the row with which the page before has ended."""

from flask import request
from wtforms import Form

LARGEST_ID = 10**18 - 1
"""As large as an id in a path (`address_parts.py`); the databases can count further."""


def row_id(raw: str) -> int:
    """The id of a row, as `type` of `request.args.get` and `getlist`, which leave out what is none.

    >>> row_id("17")
    17

    Raises:
        ValueError: no row has such a number, and a database may trip over it.
    """
    if not (raw.isascii() and raw.isdigit() and len(raw) <= len(str(LARGEST_ID)) and int(raw)):
        raise ValueError(raw[:20])
    return int(raw)


def set_filters(form: Form, *more: str) -> dict[str, str]:
    """The filters that the address sets, to stand in the addresses of the list's other pages.

    Only those of the form: `url_for` takes other names as orders, and `_scheme` would lead elsewhere.

    Args:
        more: names of filters that are no fields of the form.
    """
    known = {field.name for field in form} | set(more)
    return {name: value for name, value in request.args.items() if value and name in known}
