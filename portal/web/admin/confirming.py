"""The page before an action: what follows, in dollars. Only what was shown is done, if it is still allowed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import HiddenField

from portal.core.clock import local_date
from portal.core.errors import BadInput, Conflict, IllegalMove
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.programs.actions import Action, check_action
from portal.programs.models import Program
from portal.servicing.actions.facts import action_facts, require
from portal.web.branding import render
from portal.web.filters import say
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

CHANGED = text("Something has changed since you looked. Nothing was done. Please read it again.")


class ConfirmForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """What every action asks for: that the page which says what follows was read."""

    seen = HiddenField()


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows from an action.

    Args:
        title: the question.
        follows: one sentence each.
        button: what the button does.
        facts: words and values.
        is_hard: it cannot be taken back.
    """

    title: Text
    follows: tuple[Text, ...]
    button: Text
    facts: tuple[tuple[Text, Text | str], ...] = ()
    is_hard: bool = False

    @property
    def digest(self) -> str:
        """What was shown, in short."""
        said = [str(self.title), *map(str, self.follows), *(f"{name}: {value}" for name, value in self.facts)]
        return sha256("|".join(said).encode()).hexdigest()[:32]


Do = Callable[[Scoped, Program], str | None]
"""The action, in the write unit that holds the program; it may say which page comes then."""
About = Callable[[Scoped, Program], Consequences]
"""Works out what follows, from what the database says now."""


def ask_and_do(
    action: Action, program_id: int, form: ConfirmForm, about: About, do: Do, done: Text
) -> ResponseReturnValue:
    """The page that says what follows; once it is agreed to, and still so, the action is done.

    A program that does not allow the action leads back to its page, with the reason.

    Args:
        form: valid, or without fields of its own.
        do: the action; its invoices are held too.
        done: what is said afterwards.

    Raises:
        NotFound: no such program.
    """
    back = url_for("admin.program", program_id=program_id)
    try:
        if form.seen.data:
            try:
                with write_unit() as session:
                    program = require(session, program_id, action, today())
                    if about(session, program).digest != form.seen.data:
                        raise Conflict(CHANGED)
                    then = do(session, program)
            except (BadInput, Conflict) as error:
                form.form_errors.append(error.message)
            else:
                flash(say(done), "ok")
                return redirect_to(then or back)
        check_action(action, action_facts(read_unit(), program_id, today()))
    except IllegalMove as error:
        flash(say(error.message), "info")
        return redirect_to(back)
    program = read_unit().get_one(Program, program_id)
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", "seen"}]
    page = render(
        "admin/program/confirm.html", program=program, form=form, about=about(read_unit(), program), kept=kept
    )
    return page, 422 if form.form_errors else 200


def refuse_early(action: Action, program_id: int) -> ResponseReturnValue | None:
    """Before a form is shown: back to the program's page with the reason, if it does not allow the action.

    Raises:
        NotFound: no such program.
    """
    try:
        check_action(action, action_facts(read_unit(), program_id, today()))
    except IllegalMove as error:
        flash(say(error.message), "info")
        return redirect_to(url_for("admin.program", program_id=program_id))
    return None


def form_page(program_id: int, form: ConfirmForm, title: Text, **more: object) -> str:
    """The page that asks for what an action needs."""
    program = read_unit().get_one(Program, program_id)
    return render("admin/program/action.html", program=program, form=form, title=title, **more)


def today() -> date:
    """The day at the agency."""
    return local_date(services().now(), agency().time_zone)
