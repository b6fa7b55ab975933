"""Where somebody is signed in, as rows of a page."""

from datetime import datetime
from typing import NamedTuple

from flask_login import current_user

from portal.access.open_sessions import open_sessions
from portal.core.text import Text
from portal.web.browser_names import browser_name
from portal.web.services import services
from portal.web.units import read_unit


class BrowserRow(NamedTuple):
    """A browser that is signed in; `is_this` marks the one that asks, which may not end all."""

    id: int
    name: Text
    ip: str
    created_at: datetime
    seen_at: datetime
    is_this: bool
    can_end: bool


def browser_rows() -> list[BrowserRow]:
    """The browsers of whoever is signed in here."""
    here, is_staff = current_user.session_id, current_user.second_factor_at is not None
    return [
        BrowserRow(
            each.id,
            browser_name(each.browser),
            each.ip,
            each.created_at,
            each.seen_at,
            is_this=each.id == here,
            can_end=each.id != here and (is_staff or not each.is_staff),
        )
        for each in open_sessions(read_unit(), current_user.email, services().now())
    ]
