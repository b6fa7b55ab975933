"""The record of this browser, and as whom a staff member looks at the portal in it: asked for once in a request."""

from flask import g, session

from portal.access.sessions import Person, signed_in
from portal.access.staff import staff_of
from portal.access.viewing import Viewing
from portal.web.services import services
from portal.web.units import read_unit


def person_of(token: str) -> Person | None:
    """Whose browser has this token; None without an agency, or when nobody is signed in."""
    kept = g._get_current_object()
    if kept.get("agency") is None:
        return None
    if "person" not in kept:
        kept.person = signed_in(read_unit(), token, services().now())
    person: Person | None = kept.person
    return person


def viewing() -> Viewing | None:
    """As whom the staff member of this browser looks at the portal now; None for everybody else."""
    kept = g._get_current_object()
    if "viewing" not in kept:
        token = session.get("_user_id")
        kept.viewing = _viewing(person_of(token)) if token else None
    looks: Viewing | None = kept.viewing
    return looks


def _viewing(person: Person | None) -> Viewing | None:
    if person is None or person.viewing_email is None or person.viewing_until is None:
        return None
    if person.viewing_until <= services().now() or person.second_factor_at is None:
        return None
    is_staff = staff_of(read_unit(), person.email) is not None
    return Viewing(person.viewing_email, person.viewing_until) if is_staff else None
