"""Staff remind, export or archive many programs at once, after a page that says which, how many, and which not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

from portal.access.permissions import Permission
from portal.core.errors import PortalError
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.programs.actions import refusal
from portal.reports.staff_programs import CSV_HEADER, ListedProgram, csv_rows, fitting_ids, programs_by_id
from portal.servicing.actions.facts import action_facts, require
from portal.servicing.archive import archive
from portal.servicing.reminders.sequences import remind_now, why_not_reminded
from portal.servicing.reminders.still_due import Account
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.programs import ProgramsForm, today
from portal.web.branding import render
from portal.web.csv_answer import csv_answer
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.list_address import row_id
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

MOST_AT_ONCE = 200
"""Each is done in a transaction of its own, while staff wait."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """Something that is done with many programs.

    Args:
        endpoint: that asks, and does it.
        title, follows, button: of the page before.
        done: said afterwards, with how many.
        why_not: why it cannot be done with a program now, or None.
        do: does it, in a write unit of its own.
    """

    endpoint: str
    title: Text
    follows: Text
    button: Text
    done: Text
    why_not: Callable[[Scoped, int, date], Text | None]
    do: Callable[[Scoped, int], None]


def _remind(session: Scoped, program_id: int) -> None:
    remind_now(session, Account(program_id, None), actor(), today(), services().now())


def _archive(session: Scoped, program_id: int) -> None:
    archive(session, require(session, program_id, "archive", today()), actor(), services().now())


REMIND = Bulk(
    "admin.remind_programs",
    text("Send a reminder"),
    text("Each of these customers gets one mail now, with what is due and the payment link."),
    text("Send the reminders"),
    text("Reminders are on their way: %(count)s."),
    lambda session, program_id, day: why_not_reminded(session, Account(program_id, None), day),
    _remind,
)
ARCHIVE = Bulk(
    "admin.archive_programs",
    text("Archive programs"),
    text("Their payment links are closed and reminders stop. You can take each of them out of the archive again."),
    text("Archive them"),
    text("Programs archived: %(count)s."),
    lambda session, program_id, day: refusal("archive", action_facts(session, program_id, day)),
    _archive,
)
NOTHING_CHOSEN = text("Choose at least one program first.")
TOO_MANY = text("At most %(most)s programs are taken at once. Narrow the list, or choose fewer.", most=MOST_AT_ONCE)
LEFT_OUT = text("Left out, since something has changed meanwhile: %(count)s.")


@routes.post("/programs/remind")
@staff_only(Permission.MANAGE_PROGRAMS)
def remind_programs() -> ResponseReturnValue:
    """One reminder for each."""
    return _ask_or_do(REMIND)


@routes.post("/programs/archive")
@staff_only(Permission.MANAGE_PROGRAMS)
def archive_programs() -> ResponseReturnValue:
    """Archive each."""
    return _ask_or_do(ARCHIVE)


@routes.post("/programs/export")
@staff_only(Permission.SEE_REPORTS)
def export_programs() -> ResponseReturnValue:
    """A page that says how many, and then the file."""
    chosen = programs_by_id(read_unit(), _chosen(), today())
    if not chosen:
        return _back(NOTHING_CHOSEN)
    if FlaskForm().validate_on_submit() and "sure" in request.form:
        rows = csv_rows(read_unit(), [program.id for program in chosen], today())
        return csv_answer(f"programs-{agency().slug}-{today()}", CSV_HEADER, rows)
    return render("admin/programs/export.html", chosen=chosen, filters=request.form.get("filters", ""))


def _ask_or_do(bulk: Bulk) -> ResponseReturnValue:
    ids = _chosen()
    if not ids or len(ids) > MOST_AT_ONCE:
        return _back(TOO_MANY if ids else NOTHING_CHOSEN)
    if FlaskForm().validate_on_submit() and "sure" in request.form:
        done = sum(_is_done(bulk, program_id) for program_id in ids)
        flash(say(Text(bulk.done.message, {"count": done})), "ok" if done else "info")
        if done < len(ids):
            flash(say(Text(LEFT_OUT.message, {"count": len(ids) - done})), "info")
        return _back()
    session = read_unit()
    can: list[ListedProgram] = []
    cannot: list[tuple[ListedProgram, Text]] = []
    for program in programs_by_id(session, ids, today()):
        reason = bulk.why_not(session, program.id, today())
        if reason is None:
            can.append(program)
        else:
            cannot.append((program, reason))
    return render(
        "admin/programs/many.html", bulk=bulk, can=can, cannot=cannot, filters=request.form.get("filters", "")
    )


def _is_done(bulk: Bulk, program_id: int) -> bool:
    """Do it; a program that does not allow it any more is left out."""
    try:
        with write_unit() as session:
            bulk.do(session, program_id)
    except PortalError:
        return False
    return True


def _chosen() -> list[int]:
    """The programs that were ticked, or all that fit the filters of the list."""
    if request.form.get("all"):
        given = MultiDict(parse_qsl(request.form.get("filters", "")))
        form = ProgramsForm(given)
        return fitting_ids(read_unit(), form.filter(given), today()) if form.validate() else []
    return list(dict.fromkeys(request.form.getlist("program", type=row_id)))


def _back(why: Text | None = None) -> ResponseReturnValue:
    """To the list as it was."""
    if why is not None:
        flash(say(why), "info")
    known = {"q", *(field.name for field in ProgramsForm(MultiDict()))}
    filters: dict[str, Any] = {
        name: value for name, value in parse_qsl(request.form.get("filters", "")) if name in known
    }
    return redirect_to(url_for("admin.programs", **filters))
